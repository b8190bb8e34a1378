#!/usr/bin/env bash
# Matroska with H.264 that has B-frames is repackaged without encoding: matroskademux, h264parse, then mp4mux or flvmux.
# Expected: each frame keeps its presentation time, as with FFmpeg's -c copy; or an error, if a muxer can't do without DTS, which
# Matroska doesn't have.
# What happens: no warning, and both files have composition offsets of 0 throughout: B-frames are given later times than the frames they
# belong before. In MP4 the times go up in decoding order; in FLV whole groups of frames share one. With h264timestamper in between both are
# right, and so is mpegtsmux without it.
# Why it matters: the picture runs backwards and forwards, a few frames at a time, in a file that was made without a complaint.
# Source: GStreamer documentation, codectimestamper (h264timestamper: sets DTS from PTS); ISO/IEC 14496-12, section 8.6.1.3 (ctts).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 flvmux >/dev/null 2>&1 && gst-inspect-1.0 h264timestamper >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)"

timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx264 -preset fast -bf 3 -b_strategy 0 -g 50 -threads 1 in.mkv

times() { # FILE: presentation times in decoding order, in frames from the first
  timeout 30 ffprobe -v quiet -select_streams v -show_entries packet=pts_time -of csv=p=0 "$1" | tr -d , | awk 'NF { if (!n++) first = $1; printf "%.0f ", ($1 - first) * 25 }'
}
made() { # MUXER FILE [ELEMENT]
  timeout 30 gst-launch-1.0 -q filesrc location=in.mkv ! matroskademux ! h264parse ${3:+! $3} ! "$1" ! filesink location="$2" >>gst.log 2>&1
  times "$2"
}
source=$(times in.mkv)
mp4=$(made mp4mux out.mp4)
flv=$(made flvmux out.flv)
ts=$(made mpegtsmux out.ts)
mp4_right=$(made mp4mux right.mp4 h264timestamper)
flv_right=$(made flvmux right.flv h264timestamper)
head8() { echo "$1" | cut -d' ' -f1-9; }
rising() { echo "$1" | xargs -n1 | sort -nc && echo yes || echo no; }
different() { echo "$1" | xargs -n1 | sort -nu | wc -l; }

echo "expected: frames $(head8 "$source") …, $(different "$source") different times"
echo "seen:     MP4: $(head8 "$mp4") …, $(different "$mp4") different times; only rising: $(rising "$mp4")"
echo "          FLV: $(head8 "$flv") …, $(different "$flv") different times; only rising: $(rising "$flv")"
echo "          MPEG-TS: $([ "$ts" = "$source" ] && echo right || head8 "$ts")"
echo "          with h264timestamper: MP4 $([ "$mp4_right" = "$source" ] && echo right || head8 "$mp4_right")," \
  "FLV $([ "$flv_right" = "$source" ] && echo right || head8 "$flv_right")"
echo "messages: $(wc -l <gst.log)"
if [ "$mp4" != "$source" ] && [ "$flv" != "$source" ] && [ "$(rising "$mp4" 2>/dev/null) $(rising "$flv" 2>/dev/null)" = "yes yes" ] && [ "$(different "$source")" = 50 ] &&
  [ "$(different "$flv")" -lt 25 ] && [ "$mp4_right" = "$source" ] && [ "$flv_right" = "$source" ] && [ "$ts" = "$source" ] && [ ! -s gst.log ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
