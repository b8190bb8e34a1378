#!/usr/bin/env bash
# An offer says of the header extension for the sound's level that it carries voice activity too: a=extmap:1 …ssrc-audio-level vad=on, as in
# the RFC's own example. aiortc and sdp-transform read it.
# Expected: the extension with its attributes, or without them; they may be left out of account.
# What happens: aiortc fails, "too many values to unpack (expected 2)": it takes the line for two words. The whole offer is refused.
# sdp-transform reads the attribute as config.
# Why it matters: no connection comes about, neither sound nor picture, with peers that write what they do.
# Source: RFC 6464, section 4 (a=extmap:6 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on), RFC 8285, section 8 (extensionattributes).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

/usr/bin/python3 -c "import aiortc" 2>/dev/null || { apt-get update -qq && apt-get install -y -qq python3-aiortc >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts sdp-transform@3.0.0
echo "versions: python3-aiortc $(dpkg-query -W -f '${Version}' python3-aiortc), sdp-transform 3.0.0, Node $(node --version)"

cat >probe.py <<'PY'
import asyncio
from aiortc import RTCPeerConnection, RTCSessionDescription

name = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

async def main():
    offering = RTCPeerConnection()
    offering.addTransceiver("audio", direction="sendonly")
    await offering.setLocalDescription(await offering.createOffer())
    sdp = offering.localDescription.sdp
    assert sdp.count(name + "\r\n") == 1
    for what, offer in (("plain", sdp), ("vad=on", sdp.replace(name, name + " vad=on"))):
        answering = RTCPeerConnection()
        try:
            await answering.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            print(f"aiortc, {what}: taken")
        except Exception as error:
            print(f"aiortc, {what}: {type(error).__name__}: {error}")
        await answering.close()
    await offering.close()

asyncio.run(main())
PY
line='a=extmap:6 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on'
seen="$(timeout 30 /usr/bin/python3 probe.py)
sdp-transform, vad=on: $(node -p 'JSON.stringify(require("sdp-transform").parse("v=0\r\nm=audio 9 RTP/AVP 0\r\n" + process.argv[1] + "\r\n").media[0].ext[0])' "$line")"
echo "expected: taken"
echo "seen:"
echo "$seen"
before='aiortc, plain: taken
aiortc, vad=on: ValueError: too many values to unpack (expected 2)
sdp-transform, vad=on: {"value":6,"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","config":"vad=on"}'
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
