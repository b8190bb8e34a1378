#!/usr/bin/env bash
# A playlist names a prefix once, EXT-X-DEFINE:NAME="part",VALUE="1", and uses it as {$part}.ts.
# Expected: programs fetch 1.ts.
# What happens: FFmpeg, GStreamer and VLC ask for "{$part}.ts" as it stands, and end without a
# picture. hls-parser leaves the braces in the address too. hls.js and m3u8-parser replace them.
# Why it matters: variables look like a neat way to put a token once into a playlist;
# outside of browsers it makes a stream that nobody can open.
# Source: RFC 8216bis, sections 4.3 (variable substitution) and 4.4.2.3 (EXT-X-DEFINE).
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
#EXT-X-DEFINE:NAME="part",VALUE="1"
#EXT-X-TARGETDURATION:2
#EXTINF:2,
{$part}.ts
#EXT-X-ENDLIST
M3U8
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts hls-parser@0.16.1 m3u8-parser@7.2.0
cat >parse.mjs <<'JS'
import { readFileSync } from "node:fs";
import hls from "hls-parser";
import { Parser } from "m3u8-parser";
const text = readFileSync("x.m3u8", "utf8");
const parser = new Parser();
parser.push(text);
parser.end();
console.log(`hls-parser 0.16.1 ${hls.parse(text).segments[0].uri}, m3u8-parser 7.2.0 ${parser.manifest.segments[0].uri}`);
JS
program() { asked "$1" | sed 's/%7B/{/; s/%7D/}/; s/%24/$/; s/,.*//'; }
seen="FFmpeg: $(program ffmpeg)
GStreamer: $(program gstreamer)
VLC: $(program vlc)
$(node parse.mjs)"
echo "expected: 1 (or 1.ts) everywhere"
echo "seen:"
echo "$seen"
before='FFmpeg: {$part}
GStreamer: {$part}
VLC: {$part}
hls-parser 0.16.1 {$part}.ts, m3u8-parser 7.2.0 1.ts'
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
