#!/usr/bin/env bash
# A camera sends SPS, PPS and its IDR picture in one aggregation packet (STAP-A), as a small or still picture allows.
# Expected: media-stream-library's H264Depay (as part of its RTSP player) hands over the IDR picture, as it does when each
# comes in a packet of its own, and the pictures after it.
# What happens: an aggregation packet is dropped with a line for the debugger, and as the pictures after it wait for an IDR
# picture, nothing comes at all.
# Why it matters: the same camera plays as long as its pictures are too large for one packet, and stays black at a small size.
# Source: RFC 6184, section 5.7.1 (STAP-A), and 6.3 (packetization-mode 1 allows it: a receiver must take it).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts media-stream-library@13.1.1
echo "versions: media-stream-library 13.1.1, Node $(node --version)"

cat >probe.cjs <<'JS'
const { H264Depay, MessageType } = require("media-stream-library");

const media = [{ type: "video", rtpmap: { payloadType: 96, clockrate: 90000, encodingName: "H264" } }];
const sdp = { type: MessageType.SDP, data: Buffer.alloc(0), sdp: { session: {}, media } };
const rtp = (sequence, time, last, payload) => {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = 96 | (last ? 0x80 : 0);
  head.writeUInt16BE(sequence, 2);
  head.writeUInt32BE(time, 4);
  head.writeUInt32BE(42, 8);
  return { type: MessageType.RTP, data: Buffer.concat([head, Buffer.from(payload, "hex")]), channel: 0 };
};
const [sps, pps, idr, next] = ["6742c01e", "68ce3c80", "65888401ff", "419a01"];
const sized = (nal) => (nal.length / 2).toString(16).padStart(4, "0") + nal;
const pictures = async (packets) => {
  const depay = new H264Depay();
  const out = [];
  depay.incoming.on("data", (message) => {
    if (message.type === MessageType.H264) out.push(Buffer.from(message.data).toString("hex"));
  });
  for (const message of [sdp, ...packets]) depay.incoming.write(message);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return out.join(" ") || "nothing";
};

(async () => {
  const alone = await pictures([rtp(1, 0, false, sps), rtp(2, 0, false, pps), rtp(3, 0, true, idr), rtp(4, 3000, true, next)]);
  const together = await pictures([rtp(1, 0, true, `78${[sps, pps, idr].map(sized).join("")}`), rtp(2, 3000, true, next)]);
  console.log(`expected: ${alone} for both`);
  console.log(`seen:     one NAL unit a packet: ${alone}`);
  console.log(`seen:     in one packet: ${together}`);
  const same = alone === "0000000565888401ff 00000003419a01" && together === "nothing";
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 60 node probe.cjs
