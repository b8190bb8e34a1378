#!/usr/bin/env bash
# The same encode, AAC and H.264, is written as MP4, MPEG-TS, FLV, Matroska and as fragments
# (empty_moov, as for HLS, DASH and MSE). AAC's encoder adds 1024 samples before the first.
# Expected: sound and video are together in each.
# What happens: MP4 has an edit list for the 21 ms; TS, FLV and Matroska put the video 21 ms
# later; but with empty_moov (or cmaf) both begin at 0 and nothing tells of the delay: the sound
# is 21 ms late in fragments alone. delay_moov writes the edit list there too.
# Why it matters: every live chain that makes fMP4 with FFmpeg's AAC starts with 21 ms (23 at
# 44.1 kHz) of lip sync lost, and its RTMP output is right while its HLS output isn't.
# Source: FFmpeg documentation, mov muxer (movflags empty_moov, delay_moov); ISO/IEC
# 14496-12, 8.6.6 (edit list).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

# A click at exactly 1 s; frames of 1/30 s beside it, the first at 0.
click='aevalsrc=if(between(t\,1\,1.002)\,0.9\,0):s=48000:d=2'
make() { # FILE OPTIONS...
  local file=$1
  shift
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=30:d=2 -f lavfi -i "$click" \
    -c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p -c:a aac "$@" "$file"
}
late() { # FILE: ms by which the click comes after the video's second
  local video sound rest
  video=$(ffprobe -v error -select_streams v -show_entries packet=pts_time -of csv=p=0 "$1" | sed -n 1p)
  # Decoded frames with their times: the first one whose peak is loud, and the place in it.
  sound=$(ffmpeg -nostdin -v error -copyts -i "$1" -map 0:a -af \
    "atrim=start=0,asetnsamples=48:p=0,astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-" \
    -f null - | awk '/pts_time/ { sub(/.*pts_time:/, ""); at = $1 }
      /Peak_level/ { sub(/.*=/, ""); if (!done && $1 != "-inf" && $1 > -14) { print at; done = 1 } }')
  awk -v v="${video%,}" -v s="$sound" 'BEGIN { printf "%d", (s - v - 1) * 1000 + 0.5 }'
}

make plain.mp4
make a.ts
make a.mkv
make a.flv
make empty.mp4 -movflags +empty_moov+default_base_moof+frag_keyframe
make cmaf.mp4 -movflags +cmaf+frag_keyframe
make delay.mp4 -movflags +delay_moov+default_base_moof+frag_keyframe

echo "expected: the click within 3 ms of the video's second in each"
bad=0
for case in plain.mp4:0 a.ts:0 a.mkv:0 a.flv:0 empty.mp4:21 cmaf.mp4:21 delay.mp4:0; do
  ms=$(late "${case%:*}")
  echo "seen:     ${case%:*} $ms ms late (recorded: ${case#*:})"
  off=$((ms - ${case#*:}))
  [ "${off#-}" -le 4 ] || bad=1
done
if [ $bad = 0 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
