#!/usr/bin/env bash
# The times of MPEG-TS have 33 bits and go round every 26.5 hours. Eight seconds in which that happens, after four of them, are read by
# xgplayer-transmuxer (that xgplayer's HLS plugin has), with demuxAndFix.
# Expected: times that go on.
# What happens: the sound's go on. The picture's fall by 95443.7 s in the middle, below -95000 s, with a warning LARGE_VIDEO_GAP. Before
# or after that moment both are right.
# Why it matters: once a day, at one moment, all who watch a stream that has run for so long lose the picture and keep the sound.
# Source: ISO/IEC 13818-1, section 2.4.3.7 (PTS and DTS: 33 bits of a 90 kHz clock).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts xgplayer-transmuxer@3.0.24
echo "versions: xgplayer-transmuxer 3.0.24, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
# 2^33 / 90000 is 95443.7; FFmpeg adds 1.4.
for begin in 95000 95438.3 95450; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x90:r=25:d=8 -f lavfi -i sine=d=8:r=48000 -c:v libx264 -preset ultrafast -g 50 \
    -c:a aac -output_ts_offset $begin $begin.ts
done

cat >probe.cjs <<'JS'
const { readFileSync } = require("node:fs");
globalThis.navigator ??= { userAgent: "Chrome" };
const { TsDemuxer } = require("xgplayer-transmuxer");

const last = ({ samples }) => Math.round((samples.at(-1).pts ?? samples.at(-1).dts) / 9000) / 10;
const seen = {};
for (const begin of ["95000", "95438.3", "95450"]) {
  const { videoTrack, audioTrack } = new TsDemuxer().demuxAndFix(new Uint8Array(readFileSync(`${begin}.ts`)), true, true, 0);
  seen[begin] = [last(videoTrack), last(audioTrack), videoTrack.warnings.map(({ type }) => type).join()];
  console.log(`seen:     from ${begin} s: the last picture at ${seen[begin][0]} s, the last sound at ${seen[begin][1]} s ${seen[begin][2]}`);
}
console.log("expected: both at 8 s");
const right = ([picture, sound, warnings]) => picture === 8 && sound === 8 && !warnings;
const [picture, sound, warnings] = seen["95438.3"];
const same = right(seen["95000"]) && right(seen["95450"]) && picture < -95000 && sound === 8 && warnings === "LARGE_VIDEO_GAP";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 30 node probe.cjs
