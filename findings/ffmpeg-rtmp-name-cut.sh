#!/usr/bin/env bash
# RTMP stream names go over the wire as text; "show.flv" and "my show" are fine names, and a
# player asks for the very name.
# Expected: FFmpeg publishes the name that stands in the address.
# What happens: a name that ends in .flv is published without that, and one with a space as
# far as the space (the rest is taken for librtmp's options); exit code 0 both times.
# %20 is not decoded: the server sees the three characters. Other marks (+ : # =) pass.
# Why it matters: the stream is live under a name that nobody asks for: the publisher sees
# success, viewers see nothing. -rtmp_playpath puts the name through as it is.
# Source: FFmpeg documentation, rtmp (playpath); RTMP specification 1.0, 7.2.2.6 (publish).
set -euo pipefail
#!/usr/bin/env bash

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

publish() { # ADDRESS OPTIONS...: the name that the server noted
  local address=$1
  shift
  : >access.log
  timeout 20 ffmpeg -nostdin -v quiet -re -i in.flv -c copy -f flv "$@" "rtmp://127.0.0.1:$port/$address"
  sleep 0.5
  grep -o 'PUBLISH "[^"]*" "[^"]*"' access.log | cut -d'"' -f4
}
echo "expected: the same on both sides of each arrow (a space may stand for %20)"
seen="show.flv -> $(publish live/show.flv)
my show -> $(publish 'live/my show')
my%20show -> $(publish 'live/my%20show')
a+b:c#d=e -> $(publish 'live/a+b:c#d=e')
by options: my show.flv -> $(publish '' -rtmp_app live -rtmp_playpath 'my show.flv')"
echo "seen:"
echo "$seen"

before='show.flv -> show
my show -> my
my%20show -> my%20show
a+b:c#d=e -> a+b:c#d=e
by options: my show.flv -> my show.flv'
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
