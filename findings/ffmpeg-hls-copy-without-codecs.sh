#!/usr/bin/env bash
# H.264 and AAC are made into HLS with a master playlist: encoded for it, and then by -c copy from MPEG-TS, from FLV (as it comes
# by RTMP), MP4 and Matroska that hold the same encode.
# Expected: CODECS="avc1.64000b,mp4a.40.2" each time: it is the same video.
# What happens: it is there when FFmpeg encodes. With -c copy there is no CODECS at all, not for the sound either, whichever the container.
# Why it matters: what comes by RTMP and is passed on has no CODECS, so a player can't leave out what it can't play before it
# has loaded it.
# Source: RFC 8216, section 4.3.4.2 (every EXT-X-STREAM-INF should have CODECS); RFC 6381, section 3.3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
make=(timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=4 -f lavfi -i sine=d=4:r=48000 -c:v libx264 -preset fast -bf 0 -g 50
  -pix_fmt yuv420p -c:a aac)
hls=(-f hls -hls_time 2 -hls_playlist_type vod -master_pl_name master.m3u8)
said() { grep -o 'CODECS="[^"]*"' "$1/master.m3u8" || echo none; }
"${make[@]}" in.ts
mkdir encoded
"${make[@]}" "${hls[@]}" encoded/x.m3u8
seen="encoded: $(said encoded); "
for container in ts flv mp4 mkv; do
  [ $container = ts ] || timeout 30 ffmpeg -nostdin -v error -i in.ts -c copy "in.$container"
  mkdir $container
  timeout 30 ffmpeg -nostdin -v error -i "in.$container" -c copy "${hls[@]}" "$container/x.m3u8"
  seen+="$container: $(said $container); "
done
echo 'expected: CODECS="avc1.64000b,mp4a.40.2" each time'
echo "seen:     $seen"
if [ "$seen" = 'encoded: CODECS="avc1.64000b,mp4a.40.2"; ts: none; flv: none; mp4: none; mkv: none; ' ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
