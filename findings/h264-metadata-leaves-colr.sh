#!/usr/bin/env bash
# A recording says BT.709 and its pixels are BT.601 (Chromium's software tab capture does it).
# The cure without encoding anew is FFmpeg's h264_metadata filter, which writes the SPS.
# Expected: -c copy -bsf:v h264_metadata=…=6 into MP4 gives a file that says 601 throughout.
# What happens: the SPS says 6, the colr box keeps the old 1: the muxer took the colours from
# the input before the filter ran. FFmpeg follows the SPS, MediaInfo and GStreamer the
# box. Going by way of MPEG-TS, which has no box, gives 6 in both.
# Why it matters: half of the programs show the corrected colours and half the wrong ones, and
# ffprobe, with which one checks, is among the first half.
# Source: ISO/IEC 14496-12, 12.1.5 (colr); ITU-T H.264, E.2.1; FFmpeg documentation, bitstream
# filters (h264_metadata).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "$2" >/dev/null; }; }
need ffmpeg ffmpeg
need mediainfo mediainfo
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 qtdemux >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(mediainfo --Version | tail -1)," \
  "$(gst-launch-1.0 --version | sed -n 2p)"

run() { timeout 60 ffmpeg -nostdin -v error "$@"; }
to601="h264_metadata=colour_primaries=6:transfer_characteristics=6:matrix_coefficients=6"
run -f lavfi -i testsrc2=s=320x240:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
  -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv before.mp4
run -i before.mp4 -c copy -bsf:v "$to601" direct.mp4
run -i before.mp4 -c copy -bsf:v "$to601" way.ts
run -i way.ts -c copy way.mp4

say() { # FILE: the matrix in the box, for FFmpeg, for MediaInfo, for GStreamer
  local at box
  at=$(grep -abo colrnclx "$1" | head -1 | cut -d: -f1)
  box=$(od -An -tu1 -j $((at + 13)) -N1 "$1" | xargs)
  echo "box $box," \
    "FFmpeg $(ffprobe -v error -select_streams v -show_entries stream=color_space -of csv=p=0 "$1")," \
    "MediaInfo $(mediainfo --Inform='Video;%matrix_coefficients%' "$1")," \
    "GStreamer $(timeout 20 gst-launch-1.0 -v filesrc location="$1" ! qtdemux ! fakesink 2>/dev/null |
      grep -m1 -o 'colorimetry=(string)[a-z0-9:]*' | sed 's/.*)//')"
}
seen="before: $(say before.mp4)
direct: $(say direct.mp4)
by TS:  $(say way.mp4)"
echo "expected: 6 and 601 everywhere after the filter"
echo "seen:"
echo "$seen"
if [[ $seen == *"direct: box 1, FFmpeg smpte170m, MediaInfo BT.709, GStreamer bt709"* &&
  $seen == *"by TS:  box 6, FFmpeg smpte170m, MediaInfo BT.601"* ]]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
