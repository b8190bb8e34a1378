#!/usr/bin/env bash
# mediabunny turns four seconds of H.264 in MP4 into Matroska, and that into MP4 again, copying the packets.
# Expected: four seconds in all three, as over FFmpeg's Matroska.
# What happens: its Matroska file says 4 s, but has no duration for any frame, so that mediabunny itself
# takes the last one to last 0 s: the second MP4 is 3.96 s long.
# Why it matters: recordings that are kept as Matroska and handed out as MP4 lose the time of their last frame; where
# pictures are rare (a still page at one frame a second) that is a second, and the sound outlasts the picture.
# Source: mediabunny, InputTrack.computeDuration; RFC 9559, sections 5.1.3.5.3 (BlockDuration) and
# 5.1.4.1 (DefaultDuration).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mediabunny@1.61.0
echo "versions: mediabunny 1.61.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libx264 -preset ultrafast -bf 0 \
  -pix_fmt yuv420p first.mp4
timeout 30 ffmpeg -nostdin -v error -i first.mp4 -c copy ffmpeg.mkv

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import * as bunny from "mediabunny";

const convert = async (from, to, format) => {
  const input = new bunny.Input({ source: new bunny.BufferSource(readFileSync(from)), formats: bunny.ALL_FORMATS });
  const output = new bunny.Output({ format, target: new bunny.BufferTarget() });
  const conversion = await bunny.Conversion.init({ input, output });
  await conversion.execute();
  writeFileSync(to, Buffer.from(output.target.buffer));
};
const seconds = (name) => Number(execFileSync("ffprobe", ["-v", "quiet", "-show_entries", "format=duration", "-of", "csv=p=0", name]));
await convert("first.mp4", "between.mkv", new bunny.MkvOutputFormat());
await convert("between.mkv", "last.mp4", new bunny.Mp4OutputFormat());
await convert("ffmpeg.mkv", "over-ffmpeg.mp4", new bunny.Mp4OutputFormat());
const seen = ["first.mp4", "between.mkv", "last.mp4", "over-ffmpeg.mp4"].map((name) => `${name} ${seconds(name)}`).join(", ");
console.log("expected: 4 s in each");
console.log(`seen:     ${seen}`);
const same = seen === "first.mp4 4, between.mkv 4, last.mp4 3.96, over-ffmpeg.mp4 4";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
