#!/usr/bin/env bash
# The encoder's clock stood at 100 s when the presentation began: the video's media times begin there and its
# presentationTimeOffset says so. The sound's clock began at 0.
# Expected: both begin at 0, as presentation time is media time minus the offset.
# What happens: FFmpeg puts the video at 100 s and the sound at 0 s.
# Why it matters: a presentation cut from a longer one, or made by two encoders, is downloaded with sound
# and picture minutes apart, and copied so; browsers' players show the same files in sync.
# Source: ISO/IEC 23009-1, 5.3.9.2.2 (presentationTimeOffset) and 7.2.1 (media presentation timeline).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

options=(-c:v libx264 -preset ultrafast -g 50 -keyint_min 50 -sc_threshold 0 -bf 0 -pix_fmt yuv420p)
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 "${options[@]}" -f dash -seg_duration 2 \
  -init_seg_name v-init.mp4 -media_seg_name 'v-$Number$.m4s' v.mpd
timeout 60 ffmpeg -nostdin -v error -f lavfi -i sine=440:r=48000:d=8 -c:a aac -f dash -seg_duration 2 \
  -init_seg_name a-init.mp4 -media_seg_name 'a-$Number$.m4s' a.mpd
# The video's decode times (tfdt) and the times of its index (sidx) 100 s later: 1,280,000 of 12,800 a second.
python3 - <<'PY'
for number in range(1, 5):
    name = f"v-{number}.m4s"
    data = bytearray(open(name, "rb").read())
    for box, to in ((b"tfdt", 8), (b"sidx", 16)):
        at = data.find(box)
        if at < 0:
            continue
        size = 8 if data[at + 4] == 1 else 4
        time = int.from_bytes(data[at + to:at + to + size], "big") + 1280000
        data[at + to:at + to + size] = time.to_bytes(size, "big")
    open(name, "wb").write(data)
PY

mpd() { # OFFSET of the video
  cat <<XML
<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
  mediaPresentationDuration="PT8S" minBufferTime="PT2S">
  <Period>
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="12800" duration="25600" startNumber="1" presentationTimeOffset="$1" media="v-\$Number\$.m4s" initialization="v-init.mp4"/>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"/>
    </AdaptationSet>
    <AdaptationSet contentType="audio" mimeType="audio/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="48000" duration="96000" startNumber="1" media="a-\$Number\$.m4s" initialization="a-init.mp4"/>
      <Representation id="a" bandwidth="64000" codecs="mp4a.40.2" audioSamplingRate="48000"/>
    </AdaptationSet>
  </Period>
</MPD>
XML
}
mpd 1280000 >offset.mpd
start() { ffprobe -v quiet -select_streams "$1" -show_entries stream=start_time -of csv=p=0 offset.mpd | tr -d ', ' | head -1; }
video=$(start v)
audio=$(start a)
echo "expected: video 0, sound 0 (but for AAC's 21 ms)"
echo "seen:     video $video, sound $audio"
if [ "${video%.*}" = 100 ] && [ "${audio%.*}" = -0 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
