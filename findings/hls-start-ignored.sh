#!/usr/bin/env bash
# A recording's playlist says where to begin: EXT-X-START:TIME-OFFSET=4.0 in eight seconds.
# Expected: players begin with the segment at 4 s.
# What happens: VLC does. FFmpeg (and with it ffplay, mpv and every recorder built on it) and
# GStreamer begin at 0; FFmpeg's own option prefer_x_start changes nothing here, for it is
# looked at in live playlists only.
# Why it matters: highlights that begin in the middle, and replays without the waiting
# at the front, begin at the front after all in these programs.
# Source: RFC 8216bis, section 4.4.2.2 (EXT-X-START: clients should start there); FFmpeg
# documentation, hls demuxer (prefer_x_start).
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

sed 's/^#EXT-X-VERSION.*/&\n#EXT-X-START:TIME-OFFSET=4.0,PRECISE=YES/' all.m3u8 >x.m3u8
prefer() {
  timeout 30 ffprobe -v error -prefer_x_start 1 -select_streams v -show_entries packet=pts_time -of csv=p=0 \
    "http://127.0.0.1:$port/x.m3u8" | sed -n 1p | tr -d ,
}
whole=$(ffprobe -v error -select_streams v -show_entries packet=pts_time -of csv=p=0 0.ts | sed -n 1p | tr -d ,)
seen="FFmpeg: $(asked ffmpeg)
FFmpeg, prefer_x_start: $(awk -v a="$(prefer)" -v b="$whole" 'BEGIN { print a - b }') s from the front
GStreamer: $(asked gstreamer)
VLC: $(asked vlc)"
echo "expected: 2 3, ended; 4 s from the front"
echo "seen:"
echo "$seen"
before="FFmpeg: 0 1 2 3, ended
FFmpeg, prefer_x_start: 0 s from the front
GStreamer: 0 1 2 3, ended
VLC: 2 3, ended"
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
