#!/usr/bin/env bash
# WebCodecs describes a frame's colours by names: BT.2020 with PQ, Display P3 with HLG, RGB.
# Expected: mp4-muxer and webm-muxer, which take that description as it is, write the code
# points of ISO/IEC 23091-2 for it, or leave the box out where they know no number.
# What happens: for names they don't know, mp4-muxer writes colr 0, 0, 0; matrix 0 is not
# "unknown" (2) but RGB, primaries and transfer 0 are reserved. webm-muxer writes elements
# without a value for them, and 1 (BT.709) for the matrix "rgb", which is 0. mediabunny, their
# successor, has every one right.
# Why it matters: a screen with a wide gamut gives such frames; a player that believes the
# box shows YUV as green, blue and red.
# Source: ISO/IEC 23091-2, tables 2 to 4; WebCodecs, 9.9 (VideoColorSpace).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts \
  mp4-muxer@5.2.2 webm-muxer@5.1.4 mediabunny@1.61.0
echo "versions: mp4-muxer 5.2.2, webm-muxer 5.1.4, mediabunny 1.61.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import * as mp4 from "mp4-muxer";
import * as webm from "webm-muxer";
import * as bunny from "mediabunny";

const frame = new Uint8Array([0x82, 0x49, 0x83, 0x42, 0, 1, 2, 3]);
const description = (colorSpace) => ({
  decoderConfig: { codec: "vp09.00.10.08", codedWidth: 320, codedHeight: 240, colorSpace },
});
const colr = (bytes) => {
  const file = Buffer.from(bytes);
  const at = file.indexOf("colrnclx") + 8;
  return [0, 2, 4].map((skip) => file.readUInt16BE(at + skip)).join(" ");
};
const colour = (bytes) => {
  const file = Buffer.from(bytes);
  const at = file.indexOf(Buffer.from([0x55, 0xb0]));
  return [0xbb, 0xba, 0xb1].map((id) => {
    const field = file.indexOf(Buffer.from([0x55, id]), at);
    return field > 0 && file[field + 2] === 0x81 ? file[field + 3] : "none";
  }).join(" ");
};
const seen = [];
for (const [primaries, transfer, matrix] of [
  ["bt709", "bt709", "bt709"], ["bt709", "iec61966-2-1", "rgb"],
  ["bt2020", "pq", "bt2020-ncl"], ["smpte432", "hlg", "bt2020-ncl"],
]) {
  const meta = description({ primaries, transfer, matrix, fullRange: false });
  const inMp4 = new mp4.Muxer({ target: new mp4.ArrayBufferTarget(), fastStart: "in-memory", video: { codec: "vp9", width: 320, height: 240 } });
  inMp4.addVideoChunkRaw(frame, "key", 0, 33333, meta);
  inMp4.finalize();
  const inWebm = new webm.Muxer({ target: new webm.ArrayBufferTarget(), video: { codec: "V_VP9", width: 320, height: 240 } });
  inWebm.addVideoChunkRaw(frame, "key", 0, meta);
  inWebm.finalize();
  const output = new bunny.Output({ format: new bunny.Mp4OutputFormat(), target: new bunny.BufferTarget() });
  const source = new bunny.EncodedVideoPacketSource("vp9");
  output.addVideoTrack(source);
  await output.start();
  await source.add(new bunny.EncodedPacket(frame, "key", 0, 1 / 30), meta);
  await output.finalize();
  const row = [colr(output.target.buffer), colr(inMp4.target.buffer), colour(inWebm.target.buffer)];
  console.log(`${primaries}, ${transfer}, ${matrix}: expected ${row[0]} (mediabunny), mp4-muxer ${row[1]}, webm-muxer ${row[2]}`);
  seen.push(row.join(","));
}
const same = seen.join("|") ===
  "1 1 1,1 1 1,1 1 1|1 13 0,1 13 0,1 13 1|9 16 9,0 0 0,none none none|12 18 9,0 0 0,none none none";
console.log(same ? "as recorded" : `CHANGED: ${seen.join("|")}`);
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
