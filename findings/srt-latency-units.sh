#!/usr/bin/env bash
# SRT's two ends agree on the larger of the latencies that they were given. A listener
# (srt-live-transmit) has latency=50; FFmpeg calls with latency=400.
# Expected: 400 ms, since both programs read the same word in the same kind of address.
# What happens: srt-live-transmit counts in milliseconds, FFmpeg in microseconds. FFmpeg's 400 is
# 0.4 ms, the two agree on 50, and nothing says so; 400000 gives 400.
# Why it matters: an address copied from one program into another loses its buffer: on a line
# with losses the picture tears at a setting that looks generous.
# Source: FFmpeg documentation, libsrt (latency, in microseconds); SRT API, SRTO_LATENCY (ms).
set -euo pipefail

work=$(mktemp -d)
listener=
trap '[ -z "$listener" ] || kill "$listener" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
command -v srt-live-transmit >/dev/null || { apt-get update -qq && apt-get install -y -qq srt-tools >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)," \
  "srt-live-transmit with $(srt-live-transmit -version 2>&1 | grep -m1 -o 'SRT Library version: [0-9.]*')"

timeout 30 ffmpeg -nostdin -v error -t 2 -f lavfi -i testsrc2=s=160x120:r=10 -c:v mpeg2video in.ts

agreed() { # PORT FFMPEG'S-LATENCY: the delay in ms that the listener reports
  timeout 20 srt-live-transmit -q -stats-report-frequency 10 -statspf json -statsout "$1.json" \
    "srt://127.0.0.1:$1?mode=listener&latency=50" file://con >/dev/null 2>&1 &
  listener=$!
  sleep 1
  timeout 10 ffmpeg -nostdin -v error -re -i in.ts -c copy -f mpegts "srt://127.0.0.1:$1?latency=$2"
  sleep 0.5
  kill "$listener" 2>/dev/null || true
  wait "$listener" 2>/dev/null || true
  listener=
  grep -o '"msTsbPdDelay":[0-9]*' "$1.json" | tail -1 | cut -d: -f2
}
port=$((20000 + RANDOM % 20000))
seen="$(agreed $port 400) $(agreed $((port + 1)) 400000)"
echo "expected: 400 ms for FFmpeg's latency=400"
echo "seen:     ${seen% *} ms for FFmpeg's latency=400, ${seen#* } ms for latency=400000"
if [ "$seen" = "50 400" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
