#!/usr/bin/env bash
# AAC in ADTS, 1024 samples a frame at 48 kHz: aac-duration is asked how long it is.
# Expected: the number of frames times 21.33 ms.
# What happens: one frame more, always: it cuts the file at each frame's head and counts the pieces, of which the
# first, before the first head, is empty.
# Why it matters: as the duration of HLS audio segments it is 21 ms too long each; in a minute of two-second
# segments the playlist is 0.6 s ahead of the sound, and in a live stream that grows.
# Source: ISO/IEC 14496-3, 1.A (ADTS: aac_frame_length; each frame holds number_of_raw_data_blocks_in_frame + 1 blocks of 1024 samples).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts aac-duration@0.0.1
echo "versions: aac-duration 0.0.1, $(ffmpeg -version | head -1 | cut -d" " -f1-3), Node $(node --version)"

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import duration from "aac-duration";

const frames = (bytes) => {
  let count = 0;
  for (let at = 0; at < bytes.length; count += 1) at += ((bytes[at + 3] & 3) << 11) | (bytes[at + 4] << 3) | (bytes[at + 5] >> 5);
  return count;
};
const seen = [1, 2].map((seconds) => {
  execFileSync("ffmpeg", `-nostdin -v error -y -f lavfi -i sine=d=${seconds}:r=48000 -c:a aac ${seconds}.aac`.split(" "));
  const right = frames(readFileSync(`${seconds}.aac`));
  const counted = (duration(`${seconds}.aac`) * 48000) / 1024;
  console.log(`expected: ${right} frames; seen: ${counted.toFixed(2)}`);
  return counted - right;
});
const same = seen.every((more) => Math.abs(more - 1) < 0.001);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
