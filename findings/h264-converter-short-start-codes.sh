#!/usr/bin/env bash
# h264-converter makes MP4 fragments of an H.264 byte stream for the browser. FFmpeg writes 100
# frames, a keyframe in 25: in front of the keyframe's slice, after SPS, PPS and SEI, stands the start
# code of three bytes.
# Expected: 100 frames, four of them keyframes.
# What happens: only the start code of four bytes is taken for one. The keyframe is glued to the unit
# before it and lost with it, 96 frames are left, none of which can be decoded. No error comes.
# Why it matters: it depends on the encoder alone (x264 writes such streams) whether
# there is a picture at all.
# Source: ITU-T H.264, annex B.1.2 (zero_byte is required only before SPS, PPS and the first unit of a
# picture; elsewhere the prefix has three bytes).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts h264-converter@0.1.4
echo "versions: h264-converter 0.1.4, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=4 -c:v libx264 -threads 1 \
  -preset ultrafast -profile:v baseline -g 25 in.h264

cat >probe.cjs <<'JS'
const { readFileSync } = require("node:fs");
const Buffered = require("h264-converter/dist/util/nalu-stream-buffer").default;

// Every start code of three bytes gets the fourth: the same stream, written the other way.
const short = readFileSync("in.h264");
const parts = [];
for (let at = 0; at < short.length; at++) {
  if (short[at] === 1 && at >= 2 && short[at - 1] === 0 && short[at - 2] === 0 && (at < 3 || short[at - 3] !== 0))
    parts.push([at - 2]);
}
let last = 0;
const long = Buffer.concat([
  ...parts.flatMap(([at]) => {
    const piece = [short.subarray(last, at), Buffer.from([0])];
    last = at;
    return piece;
  }),
  short.subarray(last),
]);
// A further unit, so that the last picture is given out.
const end = Buffer.from([0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1]);
const pictures = (stream) => {
  const types = new Buffered().append(Buffer.concat([stream, end])).map((unit) => unit.type());
  return `${types.filter((type) => type === 1 || type === 5).length} frames, ${types.filter((type) => type === 5).length} keyframes`;
};
const seen = [pictures(long), pictures(short)];
console.log("expected: 100 frames, 4 keyframes, both ways");
console.log(`seen:     start codes of four bytes: ${seen[0]}; as FFmpeg writes them: ${seen[1]}`);

const same = seen[0] === "100 frames, 4 keyframes" && seen[1] === "96 frames, 0 keyframes";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
