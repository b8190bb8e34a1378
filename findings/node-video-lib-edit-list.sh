#!/usr/bin/env bash
# H.264 with two B-frames in a row at 10 frames a second, and AAC, as FFmpeg writes them to MP4: an edit list takes away the
# 200 ms that reordering costs, so that picture and sound both begin at 0.
# Expected: node-video-lib's HLSPacketizer keeps picture and sound where they are to each other; sound begins 21 ms earlier
# at most (the AAC encoder's delay).
# What happens: it reads sample tables only. In the MPEG-TS segment the sound begins 200 ms before the picture that belongs to it.
# Why it matters: each file with B-frames is out of sync once it has been made into HLS, and nothing in it shows why;
# at 25 frames a second it is 80 ms.
# Source: ISO/IEC 14496-12, 8.6.6 (edit list); node-video-lib's readme (HLSPacketizer).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts node-video-lib@2.5.0
echo "versions: node-video-lib 2.5.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=10:d=4 -f lavfi -i sine=d=4:r=48000 -c:v libx264 -preset fast -bf 2 \
  -b_strategy 0 -g 20 -pix_fmt yuv420p -c:a aac in.mp4
timeout 60 ffmpeg -nostdin -v error -i in.mp4 -c copy -f mpegts ffmpeg.ts

cat >pack.cjs <<'JS'
const { openSync, writeFileSync } = require("node:fs");
const { FragmentListBuilder, FragmentReader, HLSPacketizer, MovieParser } = require("node-video-lib");

const file = openSync("in.mp4", "r");
const fragment = FragmentListBuilder.build(MovieParser.parse(file), 2).get(0);
writeFileSync("packed.ts", HLSPacketizer.packetize(fragment, FragmentReader.readSamples(fragment, file)));
JS
timeout 60 node pack.cjs
ahead() { # FILE: by how many ms the sound begins before the picture
  ffprobe -v error -show_entries stream=codec_type,start_time -of csv=p=0 "$1" |
    awk -F, '{ at[$1] = $2 } END { printf "%d", (at["video"] - at["audio"]) * 1000 + 0.5 }'
}
there=$(ahead ffmpeg.ts) seen=$(ahead packed.ts)
echo "expected: sound begins 0 to 22 ms before the picture (through FFmpeg: $there ms)"
echo "seen:     $seen ms"
if [ "$there" -le 22 ] && [ "$seen" -ge 199 ] && [ "$seen" -le 201 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
