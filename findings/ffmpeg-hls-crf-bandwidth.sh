#!/usr/bin/env bash
# Two variants of HLS, 640x360 and 320x180, encoded with a constant quality (-crf), with sound of 128 kbit/s, and a master playlist.
# Expected: BANDWIDTH is the highest bit rate of the segments that were made: here some 2.4 and 0.9 Mbit/s.
# What happens: BANDWIDTH counts what the encoders were asked for, and with -crf the picture was asked for no bit rate:
# both variants are listed with 140800, the sound's alone. Without sound they are left out, and the master playlist is empty but for
# its head. With -b:v the same command lists three different numbers.
# Why it matters: a player takes the highest variant for one that fits into any connection, and can't tell the two apart.
# Source: RFC 8216, section 4.3.4.2 (BANDWIDTH: the largest sum of bit rates, an upper bound); FFmpeg documentation, hls muxer
# (master_pl_name).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

make() { # NAME ARGUMENTS: two variants and their master playlist; its BANDWIDTHs
  mkdir "$1"
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=d=6 \
    -filter_complex "[0:v]split[a][b];[b]scale=320:180[c]" -c:v libx264 -preset ultrafast -g 50 -c:a aac -b:a 128k "${@:2}" \
    -f hls -hls_time 2 -hls_playlist_type vod -master_pl_name master.m3u8 "$1/%v.m3u8" 2>>warnings.log
  grep -o '^#EXT-X-STREAM-INF:BANDWIDTH=[0-9]*' "$1/master.m3u8" | grep -o '[0-9]*$' | xargs || true
}
both=(-map "[a]" -map 1:a -map "[c]" -map 1:a -var_stream_map "v:0,a:0 v:1,a:1")
pictures=(-map "[a]" -map "[c]" -var_stream_map "v:0 v:1")
crf=$(make crf "${both[@]}" -crf 20)
silent=$(make silent "${pictures[@]}" -crf 20)
asked=$(make asked "${both[@]}" -b:v:0 2400k -b:v:1 900k)
real=$(for variant in 0 1; do ls -l crf/$variant?.ts | awk '$5 > most { most = $5 } END { print most * 8 / 2 }'; done | xargs)

echo "expected: about $real, from the segments"
echo "seen:     with -crf: $crf"
echo "          with -crf, without sound: ${silent:-no variant}; $(wc -l <silent/master.m3u8) lines of playlist"
echo "          with -b:v: $asked"
if [ "$crf" = "140800 140800" ] && [ -z "$silent" ] && [ "$asked" = "2780800 1130800" ] && [ "${real%% *}" -gt 1000000 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
