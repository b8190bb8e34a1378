#!/usr/bin/env bash
# Eight seconds of fragmented MP4 in four fragments of two seconds, written by FFmpeg: without an index, with mfra at the
# end, as it does by default, and with sidx at the front.
# Expected: gst-discoverer-1.0 says eight seconds each time.
# What happens: 2 s without an index (the first fragment), 6 s with mfra (where the last fragment begins), 8 s with sidx only. Played,
# all three give all 200 frames.
# Why it matters: players that use GStreamer end their slider there, and programs that ask for the duration of a
# recording lose its last fragment; the length of the fragments decides how much that is.
# Source: ISO/IEC 14496-12, 8.8.1 (samples of all fragments belong to the movie) and 8.8.10 (mfra: a hint where fragments begin).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
need gst-discoverer-1.0 gstreamer1.0-plugins-base-apps
gst-inspect-1.0 qtdemux >/dev/null 2>&1 && gst-inspect-1.0 h264parse >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
echo "versions: $(gst-launch-1.0 --version | sed -n 2p), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

file() { # NAME MOVFLAGS
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
    -sc_threshold 0 -pix_fmt yuv420p -movflags "frag_keyframe+empty_moov+default_base_moof$2" "$1.mp4"
}
file none +skip_trailer
file mfra ""
file sidx +global_sidx
said() { timeout 30 gst-discoverer-1.0 "$1.mp4" | sed -nE 's/^ *Duration: 0:00:0([0-9.]{5}).*/\1/p' | head -1; }
frames() {
  timeout 30 gst-launch-1.0 -q filesrc location="$1.mp4" ! qtdemux ! h264parse ! video/x-h264,stream-format=byte-stream ! filesink location="$1.h264"
  ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$1.h264"
}
seen=""
for name in none mfra sidx; do seen+="$name: $(said $name) s, $(frames $name) frames; "; done
echo "expected: 8.000 s, 200 frames, three times; FFmpeg says $(ffprobe -v error -show_entries format=duration -of csv=p=0 none.mp4)"
echo "seen:     $seen"
if [ "$seen" = "none: 2.000 s, 200 frames; mfra: 6.000 s, 200 frames; sidx: 8.000 s, 200 frames; " ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
