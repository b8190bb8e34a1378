#!/usr/bin/env bash
# An answer with sound, a refused picture (port 0, not in the BUNDLE group) and a data channel, to Jingle's JSON and back.
# Expected: the picture is still refused, and the data channel's line says webrtc-datachannel and its port.
# What happens: the picture's port becomes 1, so that it is accepted, without DTLS; the data channel's line has no format
# at all (m=application 1 DTLS/SCTP), which is no media line, and a=sctp-port is gone.
# Why it matters: who keeps to the grammar refuses the whole answer; who doesn't waits for a picture that nobody sends.
# Source: RFC 3264, section 6 (a port of 0 refuses a stream); RFC 8866, section 9 (media-field: at least one fmt);
# RFC 8841, section 4 (UDP/DTLS/SCTP webrtc-datachannel, a=sctp-port).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts sdp-jingle-json@3.1.0
echo "versions: sdp-jingle-json 3.1.0, Node $(node --version)"

cat >probe.cjs <<'JS'
const { toSessionJSON, toSessionSDP } = require("sdp-jingle-json");
const transport = `c=IN IP4 0.0.0.0
a=ice-ufrag:evtj
a=ice-pwd:VOkJxbRl1RmTxUk/WvJxBt
a=fingerprint:sha-256 D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F
a=setup:active`;
const answer = `v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 2
m=audio 9 UDP/TLS/RTP/SAVPF 111
${transport}
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=video 0 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=inactive
a=rtpmap:96 VP8/90000
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
${transport}
a=mid:2
a=sctp-port:5000
`.replaceAll("\n", "\r\n");
const options = { role: "responder", direction: "incoming" };
const back = toSessionSDP(toSessionJSON(answer, options), options);
const lines = (sdp) => sdp.split("\r\n").filter((line) => /^m=(video|application)|^a=sctp-port/.test(line)).join(" | ");
console.log(`expected: ${lines(answer)}`);
console.log(`seen:     ${lines(back)}`);
const same = lines(back) === "m=video 1 RTP/AVPF 96 | m=application 1 DTLS/SCTP";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
