#!/usr/bin/env bash
# H.264's parameter sets stand in SDP as base64, which may end in one or two "=":
# a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhA,aMuMsg==
# Expected: libraries keep the value whole, as sdp-transform does.
# What happens: sdp (which webrtc-adapter brings along) cuts it at its second "=", also when the
# line is written again; @webex/ts-sdp throws.
# Why it matters: cameras and RTSP servers send such lines; strict base64 decoders refuse the shortened
# value, and the picture waits for parameter sets in the stream or never comes.
# Source: RFC 6184, section 8.1 (sprop-parameter-sets: base64); RFC 4648, section 4 (padding); RFC 8866, 6.15.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts sdp@3.2.2 @webex/ts-sdp@1.8.2 sdp-transform@3.0.0
echo "versions: sdp 3.2.2, @webex/ts-sdp 1.8.2, sdp-transform 3.0.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import * as webex from "@webex/ts-sdp";
import sdp from "sdp";
import transform from "sdp-transform";

const line = "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhA,aMuMsg==";
const whole = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/90000\r\n${line}\r\n`;
const attempt = (write) => {
  try {
    return write().split("\r\n").find((one) => one.startsWith("a=fmtp")) ?? "left out";
  } catch (error) {
    return `throws: ${error.message.slice(0, 22)}`;
  }
};
const seen = [
  attempt(() => transform.write(transform.parse(whole))),
  attempt(() => sdp.writeFmtp({ payloadType: 96, parameters: sdp.parseFmtp(line) })),
  attempt(() => webex.parse(whole).toString()),
];
console.log(`expected: ${line} (sdp-transform: ${seen[0] === line ? "the same" : seen[0]})`);
console.log(`seen:     sdp: ${seen[1]}`);
console.log(`seen:     @webex/ts-sdp: ${seen[2]}`);
const same = seen[0] === line && seen[1] === line.replace("==", "") && seen[2].startsWith("throws: Fmtp params is invalid");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
