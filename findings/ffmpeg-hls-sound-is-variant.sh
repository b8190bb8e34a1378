#!/usr/bin/env bash
# Two renditions of video with the sound as a group of its own (agroup), in a master playlist.
# Expected: two EXT-X-STREAM-INF, each with the AUDIO group, and one EXT-X-MEDIA for the sound.
# What happens: a third EXT-X-STREAM-INF, for the sound alone, with the AUDIO group that it is itself, and by far the lowest
# BANDWIDTH. With the order of the streams it moves to the front, where players begin.
# Why it matters: a player that begins low, or falls to the lowest variant on a slow line, shows no picture at all.
# Source: RFC 8216, section 4.3.4.2 (a variant), 4.3.4.1 (a rendition); FFmpeg documentation, hls muxer (var_stream_map, agroup).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=4 -f lavfi -i sine=d=4:r=48000 -map 1:a -map 0:v -map 0:v \
  -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -b:v:0 200k -b:v:1 400k -c:a aac -f hls -hls_time 2 -hls_playlist_type vod \
  -var_stream_map "a:0,agroup:sound v:0,agroup:sound v:1,agroup:sound" -master_pl_name master.m3u8 "x_%v.m3u8"
variants=$(grep -A1 '^#EXT-X-STREAM-INF' master.m3u8 | grep '^x_' | xargs)
first=$(grep '^#EXT-X-STREAM-INF' master.m3u8 | sed -n 1p)
rendition=$(grep -o 'URI="[^"]*"' master.m3u8)
echo 'expected: variants x_1.m3u8 x_2.m3u8, the rendition URI="x_0.m3u8"'
echo "seen:     variants $variants, the rendition $rendition; the first: $first"
if [ "$variants $rendition" = 'x_0.m3u8 x_1.m3u8 x_2.m3u8 URI="x_0.m3u8"' ] && [[ $first == *'CODECS="mp4a.40.2",AUDIO="group_sound"'* ]]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
