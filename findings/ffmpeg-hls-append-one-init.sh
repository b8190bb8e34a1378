#!/usr/bin/env bash
# A stream of HLS with fragmented MP4 is stopped and started again with hls_flags append_list, which adds to the playlist that is there.
# The second run has another picture size and another preset.
# Expected: the second run brings an init segment and an EXT-X-MAP of its own, so that the playlist plays from front to end.
# What happens: it writes its init segment over the first one's, and the playlist has one EXT-X-MAP, at its front. EXT-X-DISCONTINUITY is
# written. With the new parameter sets the segments of the first run can't be decoded any more. With MPEG-TS all is well.
# Why it matters: what had been streamed before the restart is lost, and nothing says so; the other way round a first run that
# goes on being watched breaks in the middle.
# Source: RFC 8216, section 4.3.2.5 (EXT-X-MAP applies to what follows, until the next one); FFmpeg documentation, hls muxer
# (append_list: append new segments to the end of the old list).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

run() { # TYPE SIZE PRESET
  timeout 60 ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=s=$2:r=25:d=4" -c:v libx264 -preset "$3" -g 50 -sc_threshold 0 -pix_fmt yuv420p \
    -f hls -hls_time 2 -hls_list_size 0 -hls_segment_type "$1" -hls_fmp4_init_filename init.mp4 -hls_flags append_list "$1/list.m3u8"
}
frames() { # PLAYLIST: how many frames of which width come out
  timeout 60 ffprobe -v quiet -select_streams v -show_entries frame=width -of csv=p=0 "$1" | tr -d , | sort -n | uniq -c | awk '$2 { print $1 " of width " $2 }' |
    paste -sd, | sed 's/,/, /g'
}
mkdir fmp4 mpegts
for type in fmp4 mpegts; do
  run $type 320x180 ultrafast
  sha256sum $type/* >first.sum
  [ $type = mpegts ] || alone=$(frames fmp4/list.m3u8)
  run $type 640x360 medium
  [ $type = mpegts ] || changed=$(sha256sum -c first.sum 2>/dev/null | grep FAILED | cut -d: -f1 | xargs || true)
done
seen="after the first run: $alone
files written over: $changed
after the second: $(grep -c EXT-X-MAP fmp4/list.m3u8) EXT-X-MAP, $(grep -c '^list.*m4s' fmp4/list.m3u8) segments, width 320: $(frames fmp4/list.m3u8 | grep -c 'of width 320' || true)
MPEG-TS: $(frames mpegts/list.m3u8)"
echo "expected: 2 EXT-X-MAP, 100 frames of width 320, 100 of width 640"
echo "seen:"
echo "$seen"
before="after the first run: 100 of width 320
files written over: fmp4/init.mp4 fmp4/list.m3u8
after the second: 1 EXT-X-MAP, 4 segments, width 320: 0
MPEG-TS: 100 of width 320, 100 of width 640"
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
