#!/usr/bin/env bash
# A live stream lost two seconds and says so: EXT-X-GAP before the segment that isn't there.
# Expected: players don't ask for it and go on with the next one.
# What happens: FFmpeg asks, gets its 404, warns and goes on. GStreamer asks again and again and
# ends with an error. VLC asks, and plays nothing of what follows. (hls.js 1.7 skips it rightly.)
# Why it matters: the tag that is meant to keep players going stops two of them: towards such
# players a discontinuity without the segment serves better than a gap.
# Source: RFC 8216bis, section 4.4.4.7 (EXT-X-GAP: clients should not load the segment).
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 souphttpsrc >/dev/null 2>&1 && gst-inspect-1.0 hlsdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
need cvlc vlc-bin vlc-plugin-base
need python3 python3
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)," \
  "VLC $(dpkg-query -W -f '${Version}' vlc-bin)"

timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast \
  -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_playlist_type vod -hls_segment_filename '%d.ts' all.m3u8
port=$((20000 + RANDOM % 20000))
python3 -u -m http.server --bind 127.0.0.1 "$port" >>asked.log 2>&1 &
server=$!
sleep 1

asked() { # PROGRAM: plays the playlist; the segments that it asked for, and how it ended
  : >asked.log
  local url=http://127.0.0.1:$port/x.m3u8 end=ended
  case $1 in
    ffmpeg) timeout 30 ffmpeg -nostdin -v quiet -i "$url" -c copy -f null - || end=failed ;;
    gstreamer) timeout 40 gst-launch-1.0 -q souphttpsrc location="$url" ! hlsdemux ! fakesink sync=false >/dev/null 2>&1 || end=failed ;;
    # VLC refuses to run as root.
    vlc) timeout 40 setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/home" \
      cvlc -q --intf dummy --vout dummy --no-audio --play-and-exit "$url" >/dev/null 2>&1 || end=failed ;;
  esac
  echo "$(grep -o 'GET /[^ ]*\.ts' asked.log | sed 's/GET .//; s/\.ts//' | uniq | xargs), $end"
}

cat >x.m3u8 <<'M3U8'
#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:2,
0.ts
#EXT-X-GAP
#EXTINF:2,
missing.ts
#EXTINF:2,
2.ts
#EXTINF:2,
3.ts
#EXT-X-ENDLIST
M3U8
seen="FFmpeg: $(asked ffmpeg)
GStreamer: $(asked gstreamer)
VLC: $(asked vlc)"
echo "expected: 0 2 3, ended"
echo "seen:"
echo "$seen"
if [[ $seen == *"FFmpeg: 0 missing 2 3, ended"* && $seen == *"GStreamer: 0 missing"*"failed"* &&
  $seen == *"VLC: 0 missing, ended"* ]]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
