#!/usr/bin/env bash
# MediaInfo looks at FLV files by FFmpeg: AAC in mono, stereo and 5.1; then eight seconds whose times begin at ten minutes, as in
# a recording of a stream that was joined late.
# Expected: 1, 2 and 6 channels, as the AAC's own head says; eight seconds, as onMetaData says and the times from first to last.
# What happens: always 2 channels: they are taken from the tag's SoundType, which is stereo for every AAC (the sampling rate, beside it, comes
# from the AAC). The late file lasts 611 s, though the last time in it is 608 s. FFmpeg says 1, 2, 6 and 8.1 s.
# Why it matters: who checks an ingest by MediaInfo sees stereo where there is mono or 5.1, and hours where there are seconds.
# Source: Adobe Flash Video File Format 10.1, annex E.4.2.1 (for AAC the SoundType is 1, which doesn't mean that it's stereo: players
# take it from the AAC), E.5 (onMetaData: duration).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for need in ffmpeg mediainfo; do
  command -v $need >/dev/null || { apt-get update -qq && apt-get install -y -qq $need >/dev/null; }
done
echo "versions: MediaInfo $(dpkg-query -W -f '${Version}' mediainfo), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
for channels in 1 2 6; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=8 -f lavfi -i sine=d=8:r=48000 -c:v libx264 -preset ultrafast -bf 0 \
    -c:a aac -ac $channels $channels.flv
done
timeout 30 ffmpeg -nostdin -v error -i 2.flv -c copy -output_ts_offset 600 late.flv

sound() { echo "$(mediainfo --Output='Audio;%Channel(s)%' "$1") $(ffprobe -v error -select_streams a -show_entries stream=channels -of csv=p=0 "$1")"; }
lasts() { # in tenths of a second
  echo "$(mediainfo --Output='General;%Duration%' "$1" | awk '{ printf "%.1f", $1 / 1000 }') $(ffprobe -v error -show_entries format=duration -of csv=p=0 "$1" | awk '{ printf "%.1f", $1 }')"
}
seen="channels by MediaInfo and FFmpeg: mono $(sound 1.flv), stereo $(sound 2.flv), 5.1 $(sound 6.flv)
seconds by MediaInfo and FFmpeg: $(lasts 2.flv), late $(lasts late.flv)"
echo "expected: mono 1 1, stereo 2 2, 5.1 6 6; 8.0 8.0, late 8.0 8.0"
echo "seen:"
echo "$seen"
before="channels by MediaInfo and FFmpeg: mono 2 1, stereo 2 2, 5.1 2 6
seconds by MediaInfo and FFmpeg: 8.0 8.0, late 61"
if [ "${seen%?.? 8.0}" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
