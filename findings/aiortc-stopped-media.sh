#!/usr/bin/env bash
# Chromium sends picture and sound to aiortc, then stops the sound (transceiver.stop()) and offers anew. That offer has the sound with
# port 0 and leaves it out of the BUNDLE group.
# Expected: aiortc answers with port 0 for it, and without it in the group.
# What happens: it answers with its port, and with the sound in the group. Chromium refuses the answer, "A BUNDLE group in answer contains a MID='1'
# that was not in the offered group", and the next offer fails for the same reason.
# Why it matters: after the first track that is stopped, nothing can be negotiated on this connection any more, as with a person who
# switches the microphone off or a capture that ends; what was running runs on, so that it's noticed late.
# Source: RFC 3264, section 6 (a refused stream has port 0 in the answer too), RFC 9143, section 7.3 (no identification tag in an answer's
# group that wasn't in the offer's).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need chromium chromium
/usr/bin/python3 -c "import aiortc" 2>/dev/null || { apt-get update -qq && apt-get install -y -qq python3-aiortc >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat >peer.py <<'PY'
import asyncio, json, sys
from aiortc import RTCPeerConnection, RTCSessionDescription

async def main():
    peer = RTCPeerConnection()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await peer.setRemoteDescription(RTCSessionDescription(json.loads(line), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        print(json.dumps(peer.localDescription.sdp), flush=True)
    await peer.close()

asyncio.run(main())
PY
cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const peer = spawn("timeout", ["40", "/usr/bin/python3", "peer.py"], { stdio: ["pipe", "pipe", "ignore"] });
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await browser.newPage();
  await page.exposeFunction("ask", async (offer) => {
    peer.stdin.write(`${JSON.stringify(offer)}\n`);
    return JSON.parse((await answers.next()).value);
  });
  const seen = await page.evaluate(async () => {
    const connection = new RTCPeerConnection();
    connection.addTransceiver("video", { direction: "sendonly" });
    const sound = connection.addTransceiver("audio", { direction: "sendonly" });
    const lines = (sdp) => {
      const port = /m=audio (\d+)/.exec(sdp)[1];
      return `sound ${port === "0" ? "refused" : "accepted"}, group ${/a=group:BUNDLE (.*)/.exec(sdp)[1].trim()}`;
    };
    const negotiate = async () => {
      try {
        await connection.setLocalDescription();
        while (connection.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 20));
        const offer = connection.localDescription.sdp;
        const answer = await ask(offer);
        const told = `offer: ${lines(offer)}; answer: ${lines(answer)}`;
        const error = await connection.setRemoteDescription({ type: "answer", sdp: answer }).catch((reason) => reason);
        return `${told}; ${error ? error.message.replace(/.*sdp: /, "") : "taken"}`;
      } catch (error) {
        return error.message.replace(/.*description: /, "");
      }
    };
    const told = [await negotiate()];
    sound.stop();
    told.push(await negotiate(), await negotiate());
    return told;
  });
  console.log("expected: offer: sound refused, group 0; answer: sound refused, group 0; taken");
  for (const [index, what] of seen.entries()) console.log(`seen:     ${["at first", "the sound stopped", "once more"][index]}: ${what}`);
  const refused = "A BUNDLE group in answer contains a MID='1' that was not in the offered group.";
  const same =
    seen[0] === "offer: sound accepted, group 0 1; answer: sound accepted, group 0 1; taken" &&
    seen[1] === `offer: sound refused, group 0; answer: sound accepted, group 0 1; ${refused}` &&
    seen[2].startsWith(refused);
  console.log(`versions: python3-aiortc ${process.argv[2]}, Chromium ${browser.version()}`);
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
} finally {
  await browser.close();
  peer.stdin.end();
  peer.kill();
}
JS
timeout 60 node probe.mjs "$(dpkg-query -W -f '${Version}' python3-aiortc)"
