#!/usr/bin/env bash
# An MP4 with B-frames at 10 frames a second (FFmpeg's own, both tracks begin at 0 by their edit lists) is copied into fragments with empty_moov.
# Expected: AAC frames of 1024 samples, one after the other, as in the file.
# What happens: without edit lists the picture begins 200 ms late, and so that sound and picture stay together the first frame of sound lasts
# 200 ms instead of 21: a hole of 179 ms behind it. frag_discont, which keeps the times of a stream's start, makes no difference; with
# delay_moov (and so with edit lists) every frame lasts 1024.
# Why it matters: a click at the start and a gap in the buffer's ranges that isn't in the file, in each stream that is repackaged so.
# Source: ISO/IEC 14496-12, 8.8.8 (sample_duration) and 8.8.12 (tfdt); FFmpeg documentation, mov muxer (frag_discont, delay_moov).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=10:d=4 -f lavfi -i sine=d=4:r=48000 -c:v libx264 -preset fast -bf 2 -b_strategy 0 \
  -g 20 -pix_fmt yuv420p -c:a aac in.mp4
# How many samples lie between the beginnings of the first four frames of sound.
frames() { ffprobe -v error -select_streams a -show_entries packet=pts -of csv=p=0 "$1" | awk -F, 'NR > 1 && NR < 5 { printf "%s%d", sep, $1 - last; sep = " " } { last = $1 }'; }
made() { # FLAGS
  timeout 30 ffmpeg -nostdin -v error -i in.mp4 -c copy -movflags "+frag_keyframe+default_base_moof$1" out.mp4 -y
  frames out.mp4
}
seen="empty_moov: $(made +empty_moov); with frag_discont: $(made +empty_moov+frag_discont); delay_moov: $(made +delay_moov)"
echo "expected: 1024 1024 1024 each time"
echo "seen:     $seen"
if [ "$seen" = "empty_moov: 9600 1024 1024; with frag_discont: 9600 1024 1024; delay_moov: 1024 1024 1024" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
