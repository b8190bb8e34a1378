#!/usr/bin/env bash
# MPEG-TS whose sound is interrupted for a while, as when a page falls silent or a packet is lost: 0.3, 0.7, 1.5 or 3 s are missing. The
# demuxer of xgplayer-transmuxer (that xgplayer's HLS and FLV plugins have) reads it and mends its times (demuxAndFix).
# Expected: the last frame of sound ends with the picture at 8 s, whether the gap is filled with silence or left.
# What happens: up to a second it's filled. A longer gap is closed: what comes after it follows on, and is early by all of it, 1.5 or
# 3 s; there is a warning LARGE_AUDIO_GAP in the result. demux alone has the right times.
# Why it matters: from there on sound and picture are apart.
# Source: ISO/IEC 13818-1, section 2.4.3.7 (PTS: the time of presentation).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts xgplayer-transmuxer@3.0.24
echo "versions: xgplayer-transmuxer 3.0.24, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
for gap in 0.0 0.3 0.7 1.5 3.0; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x90:r=25:d=8 -f lavfi -i sine=d=8:r=48000 \
    -filter_complex "[1:a]aselect='not(between(t,3,2.99+$gap))'[a]" -map 0:v -map "[a]" -c:v libx264 -preset ultrafast -g 50 -c:a aac $gap.ts
done

cat >probe.cjs <<'JS'
const { readFileSync } = require("node:fs");
// It asks for the browser, to know whether it is Safari.
globalThis.navigator ??= { userAgent: "Chrome" };
const { TsDemuxer } = require("xgplayer-transmuxer");

const seconds = ({ samples }, last) => Math.round((samples.at(-1)[last] - samples[0][last]) / 900) / 100;
const seen = {};
for (const gap of ["0.0", "0.3", "0.7", "1.5", "3.0"]) {
  const bytes = () => new Uint8Array(readFileSync(`${gap}.ts`));
  const { videoTrack, audioTrack } = new TsDemuxer().demuxAndFix(bytes(), true, true, 0);
  const plain = new TsDemuxer().demux(bytes(), false, true);
  const warnings = audioTrack.warnings.map(({ type }) => type).join();
  seen[gap] = [seconds(videoTrack, "dts"), seconds(audioTrack, "pts"), seconds(plain.audioTrack, "pts"), warnings];
  const [picture, sound, read, warning] = seen[gap];
  console.log(`seen:     gap of ${gap} s: picture to ${picture} s, sound to ${sound} s (demux alone: ${read} s) ${warning}`);
}
console.log("expected: sound to 8 s");
const before = {
  "0.0": [7.96, 8, 8, ""],
  "0.3": [7.96, 8, 8, "AUDIO_FILLED"],
  "0.7": [7.96, 8, 8, "AUDIO_FILLED"],
  "1.5": [7.96, 6.51, 8, "LARGE_AUDIO_GAP"],
  "3.0": [7.96, 4.99, 8, "LARGE_AUDIO_GAP"],
};
const near = (a, b) => (typeof a === "string" ? a === b : Math.abs(a - b) < 0.05);
const same = Object.entries(before).every(([gap, values]) => values.every((value, index) => near(value, seen[gap][index])));
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 30 node probe.cjs
