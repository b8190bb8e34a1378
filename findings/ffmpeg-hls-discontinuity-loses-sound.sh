#!/usr/bin/env bash
# An HLS stream whose clock begins anew in the middle (EXT-X-DISCONTINUITY, as after an
# encoder's restart): 4 s with times 4 to 8 s, then 4 s with times 0 to 4 s.
# Expected: ffmpeg -i stream.m3u8 out.mp4 makes 8 s of video and 8 s of sound.
# What happens: with -c copy it does. When it encodes, two of the eight seconds of sound are
# missing and the place where they were is a hole of 2 s after the join; exit code 0.
# Why it matters: whoever records or restreams a live stream through FFmpeg loses sound for
# seconds at each restart of the encoder, and finds out afterwards.
# Source: RFC 8216bis, section 4.4.4.3 (EXT-X-DISCONTINUITY: times may jump).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

run() { timeout 90 ffmpeg -nostdin -v error "$@"; }
run -f lavfi -i testsrc2=s=160x120:r=25:d=8 -f lavfi -i sine=d=8:r=48000 -c:v libx264 -preset ultrafast -bf 0 \
  -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -f hls -hls_time 2 -hls_segment_type fmp4 \
  -hls_fmp4_init_filename init.mp4 -hls_segment_filename '%d.m4s' -hls_playlist_type vod whole.m3u8
cat >joined.m3u8 <<'M3U8'
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2,
2.m4s
#EXTINF:2,
3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2,
0.m4s
#EXTINF:2,
1.m4s
#EXT-X-ENDLIST
M3U8

sound() { # FILE: ms of sound that come out of it
  run -i "$1" -map 0:a -ac 1 -ar 48000 -f s16le "$1.pcm"
  echo $(($(stat -c %s "$1.pcm") / 96))
}
hole() { # FILE: the longest pause between two packets of sound, ms
  ffprobe -v error -select_streams a -show_entries packet=pts_time -of csv=p=0 "$1" |
    awk -F, 'NR > 1 && $1 - last > longest { longest = $1 - last } { last = $1 } END { printf "%d\n", longest * 1000 }'
}
run -i whole.m3u8 -c:v libx264 -preset ultrafast -c:a aac whole.mp4
run -i joined.m3u8 -c copy copied.mkv 2>/dev/null
run -i joined.m3u8 -c:v libx264 -preset ultrafast -c:a aac encoded.mp4 2>/dev/null

echo "expected: about 8000 ms of sound without a hole in each"
for file in whole.mp4 copied.mkv encoded.mp4; do
  echo "seen:     $file: $(sound $file) ms of sound, longest hole $(hole $file) ms"
done
if [ "$(hole whole.mp4)" -lt 100 ] && [ "$(hole copied.mkv)" -lt 100 ] && [ "$(hole encoded.mp4)" -gt 1000 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
