#!/usr/bin/env bash
# How long is the sound of an MPEG-TS segment? ffprobe is asked for the stream's duration.
# Expected: what comes out of the decoder, 4.03 s for four seconds of AAC.
# What happens: 3.84 s. FFmpeg's muxer puts several AAC frames into one PES packet, and ffprobe takes
# the last packet's time for the end. With -pes_payload_size 0 (a packet per frame) it is right;
# the video's duration is right too.
# Why it matters: EXTINF, or a check for lost sound, made from this number is up to 0.2 s short in
# each segment: over an hour of two-second segments that adds up to minutes.
# Source: FFmpeg documentation, mpegts muxer (pes_payload_size, 2930 bytes by default); ISO/IEC
# 13818-1, 2.4.3.7 (a PTS is that of the first frame that begins in the packet).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

make() { # FILE OPTIONS...
  local file=$1
  shift
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i sine=d=4:r=48000 -f lavfi -i testsrc2=s=160x120:r=30:d=4 \
    -c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p -c:a aac "$@" "$file"
}
said() { # FILE: what ffprobe says of the sound, ms
  ffprobe -v error -select_streams a -show_entries stream=duration -of csv=p=0 "$1" |
    awk -F, '/[0-9]/ && !done { printf "%d", $1 * 1000 + 0.5; done = 1 }'
}
decoded() { # FILE: sound that comes out, ms
  ffmpeg -nostdin -v error -y -i "$1" -map 0:a -ac 1 -ar 48000 -f s16le "$1.pcm"
  echo $(($(stat -c %s "$1.pcm") / 96))
}
make default.ts
make single.ts -pes_payload_size 0
short=$(($(decoded default.ts) - $(said default.ts)))
single=$(($(decoded single.ts) - $(said single.ts)))
echo "expected: ffprobe and the decoder within 5 ms of each other"
echo "seen:     default: ffprobe $(said default.ts) ms, decoder $(decoded default.ts) ms"
echo "seen:     one frame a packet: ffprobe $(said single.ts) ms, decoder $(decoded single.ts) ms"
if [ "$short" -gt 50 ] && [ "${single#-}" -le 5 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
