#!/usr/bin/env bash
# VLC's scene filter writes every picture to a file (scene-ratio=1). The stream begins at 160×120 and goes on at 320×240,
# as one does whose source changed its size.
# Expected: pictures of both sizes, numbered on: scene-replace, which writes to one file again and again, is off.
# What happens: those of the second size alone. Where the size changes the filter is made anew, begins at scene00001.png
# again, and writes over what is there.
# Why it matters: thumbnails and pictures to compare lose the beginning, or mix pictures of both parts if the second is shorter,
# and the numbers don't show it.
# Source: VLC's help for the scene filter (vlc -H --advanced: scene-ratio, scene-prefix, scene-replace).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need cvlc vlc-bin vlc-plugin-base
echo "versions: VLC $(dpkg-query -W -f '${Version}' vlc-bin), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

part() { # SIZE SECONDS BEGINS_AT
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=$1:r=10:d=$2" -c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p -output_ts_offset "$3" "$1.ts"
}
part 160x120 2 0
part 320x240 5 2
cat 160x120.ts 320x240.ts >both.ts

widths() { # FILE: the widths of the pictures that were written, and the first name
  rm -rf shots && mkdir -m 777 shots
  # VLC refuses to run as root.
  timeout 40 setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/home" cvlc -q --intf dummy --no-audio --vout=dummy \
    --video-filter=scene --scene-format=png --scene-ratio=1 --scene-path="$work/shots" --play-and-exit "$1" vlc://quit >/dev/null 2>&1 || true
  echo "$(for picture in shots/*.png; do ffprobe -v error -show_entries stream=width -of csv=p=0 "$picture"; done | sort -nu | xargs) from $(find shots -name '*.png' | sort | sed -n 1p)"
}
first=$(widths 160x120.ts)
both=$(widths both.ts)
echo "expected: 160 alone; 160 320 of both"
echo "seen:     $first; $both"
if [ "$first" = "160 from shots/scene00001.png" ] && [ "$both" = "320 from shots/scene00001.png" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
