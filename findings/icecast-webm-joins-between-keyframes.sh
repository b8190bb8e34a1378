#!/usr/bin/env bash
# FFmpeg sends WebM (VP8 with a keyframe every ten seconds, Opus) to Icecast, which knows WebM: it keeps the head for whoever joins, and lets
# them in where a cluster begins. Somebody joins after fourteen seconds; once as FFmpeg writes it, once with its option long clusters.
# Expected: the stream begins with a keyframe, since nothing before one can be shown.
# What happens: it begins with a cluster, and FFmpeg begins one at each keyframe, but after a second or 32 kB as well where it can't seek. The
# picture comes at the next keyframe, the sound at once. With the limits raised only keyframes begin clusters, and so does the stream.
# Why it matters: with keyframes that are far apart (libvpx's default is 128 frames) viewers hear the stream and look at
# nothing for seconds, and players that wait for both wait.
# Source: WebM container guidelines (a cluster of video should begin with a keyframe); Icecast 2.4 documentation (WebM);
# FFmpeg documentation, matroska muxer (cluster_time_limit, cluster_size_limit).
set -euo pipefail

work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need curl curl
need icecast2 icecast2
echo "versions: $(icecast2 -v), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

port=$((20000 + RANDOM % 20000))
cat >icecast.xml <<XML
<icecast>
  <limits><clients>10</clients><sources>4</sources><queue-size>4194304</queue-size><burst-size>65536</burst-size></limits>
  <authentication><source-password>source</source-password><admin-user>admin</admin-user><admin-password>admin</admin-password></authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>$port</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>$work</basedir><logdir>$work/log</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
</icecast>
XML
mkdir -m 777 log
# Icecast refuses to run as root.
setpriv --reuid=65534 --regid=65534 --clear-groups icecast2 -c icecast.xml >icecast.log 2>&1 &
pids+=($!)
sleep 1
for way in plain long; do
  options=()
  [ $way = plain ] || options=(-cluster_time_limit 60000 -cluster_size_limit 20000000)
  timeout -k 1 50 ffmpeg -nostdin -v quiet -re -f lavfi -i testsrc2=s=320x180:r=25:d=40 -f lavfi -i sine=d=40:r=48000 -c:v libvpx -deadline realtime \
    -cpu-used 8 -b:v 800k -g 250 -keyint_min 250 -c:a libopus "${options[@]}" -f webm -content_type video/webm "icecast://source:source@127.0.0.1:$port/$way.webm" &
  pids+=($!)
done
sleep 14
for way in plain long; do
  { timeout 14 curl -s "http://127.0.0.1:$port/$way.webm" -o $way.webm || true; } &
  curls+=($!)
done
wait "${curls[@]}"

first() { # FILE STREAM FLAG: the time of the first packet, or of the first keyframe
  ffprobe -v quiet -select_streams "$2" -show_entries packet=pts_time,flags -of csv=p=0 "$1" | awk -F, -v flag="$3" '$1 != "" && $2 ~ flag && !seen++ { print $1 }'
}
seen=()
for way in plain long; do
  picture=$(first $way.webm v .) key=$(first $way.webm v K) sound=$(first $way.webm a .)
  echo "$way: picture from $picture s, first keyframe $key s, sound from $sound s"
  seen+=("$(awk -v a="$picture" -v b="$key" -v c="$sound" 'BEGIN { print (b - a > 0.5 ? "late" : b == a ? "at once" : "?"), (a - c < 0.2 && c - a < 0.2 ? "together" : "apart") }')")
done
echo "expected: the keyframe at once, in both"
echo "seen:     as FFmpeg writes it: keyframe ${seen[0]%% *}; with long clusters: ${seen[1]}"
if [ "${seen[*]}" = "late together at once together" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
