#!/usr/bin/env bash
# RGB frames (a screenshot, a canvas, testsrc2) are to become HD video in BT.709.
# Expected: "-colorspace bt709" gives BT.709, or one option both converts and tags.
# What happens: FFmpeg converts RGB by BT.601 whatever the size, and tags nothing;
# "-colorspace bt709" only tags, so that the file now says what it isn't;
# "scale=out_color_matrix=bt709" only converts. Both have to be given.
# Why it matters: players take untagged HD for BT.709: red (255,0,0), which should be
# Y 63 U 102 V 240, comes as Y 81 U 90 V 240 and is shown as an orange 255,24,0.
# Source: FFmpeg documentation, scale filter (out_color_matrix) and codec option colorspace;
# ITU-R BT.709-6, item 3.3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

make() { # NAME OPTIONS...: a red HD frame in H.264, made from RGB
  local name=$1
  shift
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i "color=red:s=1280x720:d=0.1,format=rgb24" \
    "$@" -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$name.mp4"
}

look() { # NAME: its matrix as tagged, and the middle pixel's Y, U, V as stored
  local tag
  tag=$(ffprobe -v error -select_streams v -show_entries stream=color_space -of csv=p=0 "$1.mp4")
  ffmpeg -nostdin -v error -i "$1.mp4" -frames:v 1 -f rawvideo -pix_fmt yuv420p "$1.yuv"
  local size=$((1280 * 720)) pixel
  pixel=$(for at in $((size / 2)) $((size + size / 8)) $((size + size / 4 + size / 8)); do
    od -An -tu1 -j "$at" -N1 "$1.yuv"
  done | xargs)
  echo "${tag:-unknown} $pixel"
}

make plain
make tagged -colorspace bt709
make converted -vf scale=out_color_matrix=bt709
make both -vf scale=out_color_matrix=bt709 -colorspace bt709

echo "expected: bt709 63 102 240 as soon as BT.709 is asked for"
seen=$(for name in plain tagged converted both; do echo "$name: $(look $name)"; done)
echo "seen:"
echo "$seen"

before="plain: unknown 81 90 240
tagged: bt709 81 90 240
converted: unknown 63 102 240
both: bt709 63 102 240"
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
