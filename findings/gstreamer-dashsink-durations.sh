#!/usr/bin/env bash
# H.264 with a keyframe every 3 s goes into GStreamer's dashsink, which is asked for segments of 2 s.
# Expected: segments of 3 s, and an MPD that says so, as GStreamer's hlssink2 does for HLS.
# What happens: the segments last 3 s, the MPD says duration="2": four files are written and six are
# announced. Its codecs say "avc1", without profile and level.
# Why it matters: a player that seeks to 8 s asks for the fifth of four segments; players that want a full
# codec string before they begin don't begin.
# Source: ISO/IEC 23009-1, 5.3.9.5 (a segment lies within half a duration of where the template puts it);
# RFC 6381, section 3.3 (avc1 and its six digits).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 dashsink >/dev/null 2>&1 && gst-inspect-1.0 qtdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mpd-parser@1.4.0
echo "versions: $(gst-launch-1.0 --version | sed -n 2p), $(ffmpeg -version | head -1 | cut -d' ' -f1-3), mpd-parser 1.4.0"

timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=12 -c:v libx264 -preset ultrafast -g 75 \
  -keyint_min 75 -sc_threshold 0 -bf 0 -pix_fmt yuv420p in.mp4
pipe() { # SINK...: once more if GStreamer ends with an error, as it does now and then
  timeout 60 gst-launch-1.0 -q filesrc location=in.mp4 ! qtdemux ! h264parse ! "$@" >/dev/null 2>&1 ||
    timeout 60 gst-launch-1.0 -q filesrc location=in.mp4 ! qtdemux ! h264parse ! "$@"
}
pipe dashsink target-duration=2 mpd-root-path="$work" mpd-filename=out.mpd
pipe hlssink2 target-duration=2 max-files=0 playlist-length=0 location=hls%d.ts playlist-location=out.m3u8

written=$(find . -name 'video_0_*.ts' | wc -l)
lengths=$(for file in video_0_*.ts; do ffprobe -v quiet -show_entries format=duration -of csv=p=0 "$file"; done | cut -d. -f1 | xargs)
hls=$(sed -n 's/#EXTINF:\([0-9]*\).*/\1/p' out.m3u8 | xargs)
announced=$(node --input-type=module -e '
  import { readFileSync } from "node:fs";
  import { parse } from "mpd-parser";
  const { playlists } = parse(readFileSync("out.mpd", "utf8"), { manifestUri: "http://127.0.0.1/out.mpd" });
  console.log(playlists[0].segments.length);')
says=$(grep -o '<SegmentTemplate[^>]* duration="[0-9]*"' out.mpd | grep -o 'duration.*')
codecs=$(grep -o 'codecs="[^"]*"' out.mpd)
echo "expected: as many announced as written; hlssink2 says $hls s"
echo "seen:     $written written, of $lengths s; the MPD says $says, which makes $announced; $codecs"
if [ "$written" = 4 ] && [ "$announced" = 6 ] && [ "$says" = 'duration="2"' ] && [ "$codecs" = 'codecs="avc1"' ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
