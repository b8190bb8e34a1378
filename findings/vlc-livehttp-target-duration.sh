#!/usr/bin/env bash
# VLC cuts a stream for HLS (livehttp, seglen=5) that has a keyframe every two seconds, but for one gap of eight.
# Expected: EXT-X-TARGETDURATION 8 or more, since one segment lasts that long.
# What happens: it is 5, the seglen that was asked for, whatever the segments are; EXTINF beside it says 8.00.
# Why it matters: players load and buffer by the target duration, and run dry in such a segment; validators refuse it.
# Source: RFC 8216, section 4.3.3.1 (EXTINF, rounded, must be at most the target duration).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need cvlc vlc-bin vlc-plugin-base
echo "versions: VLC $(dpkg-query -W -f '${Version}' vlc-bin), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=20 -c:v libx264 -preset ultrafast -g 999 -sc_threshold 0 \
  -pix_fmt yuv420p -force_key_frames 0,2,4,6,14,16,18 in.mp4
# VLC refuses to run as root.
timeout 40 setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/home" cvlc -q --intf dummy --play-and-exit in.mp4 \
  --sout "#std{access=livehttp{seglen=5,numsegs=0,index=$work/x.m3u8,index-url=########.ts},mux=ts{use-key-frames},dst=$work/########.ts}" \
  >/dev/null 2>&1
target=$(grep -oP 'TARGETDURATION:\K\d+' x.m3u8)
longest=$(grep -oP 'EXTINF:\K[\d.]+' x.m3u8 | sort -n | tail -1)
real=$(for segment in *.ts; do ffprobe -v error -show_entries format=duration -of csv=p=0 "$segment"; done | sort -n | tail -1)
echo "expected: a target duration of at least 8"
echo "seen:     target duration $target, longest EXTINF $longest, longest segment $real s"
if [ "$target $longest $real" = "5 8.00 8.000000" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
