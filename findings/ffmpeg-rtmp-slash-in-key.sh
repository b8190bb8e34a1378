#!/usr/bin/env bash
# A signed RTMP address: rtmp://server/live/key?sign=ab/cd, where the signature is base64.
# Expected: FFmpeg connects to the application "live" and publishes "key?sign=ab/cd".
# What happens: it cuts at the last slash, also inside the query: the application is
# "live/key?sign=ab", the stream "cd". nginx-rtmp refuses it, and FFmpeg says
# "Input/output error". A key "room/key" fares alike. -rtmp_app and -rtmp_playpath get
# both through.
# Why it matters: keys of CDNs work on one day and fail on the next, when the signature happens
# to hold a slash; the message says nothing of the key.
# Source: RFC 3986, section 3.4 (a query may hold slashes); FFmpeg documentation, rtmp.
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT
cd "$work"

for need in ffmpeg nginx; do
  command -v $need >/dev/null || { apt-get update -qq && apt-get install -y -qq $need >/dev/null; }
done
module=/usr/lib/nginx/modules/ngx_rtmp_module.so
[ -e $module ] || { apt-get update -qq && apt-get install -y -qq libnginx-mod-rtmp >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(nginx -v 2>&1 | cut -d' ' -f3)," \
  "libnginx-mod-rtmp $(dpkg-query -W -f '${Version}' libnginx-mod-rtmp)"

port=$((20000 + RANDOM % 20000))
cat >nginx.conf <<CONF
load_module $module;
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/error.log info;
events {}
rtmp {
  access_log $work/access.log;
  server { listen 127.0.0.1:$port; application live { live on; } }
}
CONF
nginx -p "$work" -c nginx.conf -e "$work/error.log" &
server=$!
sleep 1
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=10:d=1 -c:v libx264 -bf 0 -pix_fmt yuv420p in.flv

publish() { # ADDRESS OPTIONS...: what the server noted of it, or "refused"
  local address=$1
  shift
  : >access.log
  if timeout 20 ffmpeg -nostdin -v quiet -re -i in.flv -c copy -f flv "$@" "rtmp://127.0.0.1:$port/$address"; then
    sleep 0.5
    grep -o 'PUBLISH "[^"]*" "[^"]*" "[^"]*"' access.log
  else
    echo refused
  fi
}
seen="live/key?sign=abcd: $(publish 'live/key?sign=abcd')
live/key?sign=ab/cd: $(publish 'live/key?sign=ab/cd')
live/room/key: $(publish live/room/key)
by options: $(publish '' -rtmp_app live -rtmp_playpath 'key?sign=ab/cd')"
echo "expected: each published in the application live"
echo "seen:"
echo "$seen"

before='live/key?sign=abcd: PUBLISH "live" "key" "sign=abcd"
live/key?sign=ab/cd: refused
live/room/key: refused
by options: PUBLISH "live" "key" "sign=ab/cd"'
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
