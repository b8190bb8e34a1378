#!/usr/bin/env bash
# An SRT listener (srt-live-transmit) and FFmpeg are given the same address, and with it
# the same passphrase "abc+defghijkl".
# Expected: they connect, as they do with any other passphrase.
# What happens: FFmpeg takes "+" for a space, as forms do; srt-live-transmit takes it as it
# stands. The handshake fails with "Incorrect passphrase". Written %2B it means the same to both
# and works, as do %20 and %26.
# Why it matters: generated passphrases (base64) are full of "+": such a stream works between
# two programs of one kind and is refused between two kinds, with a message that blames the user.
# Source: RFC 3986, section 2.2 ("+" is not an encoding there); FFmpeg documentation, libsrt
# (passphrase).
set -euo pipefail

work=$(mktemp -d)
listener=
trap '[ -z "$listener" ] || kill "$listener" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
command -v srt-live-transmit >/dev/null || { apt-get update -qq && apt-get install -y -qq srt-tools >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)," \
  "srt-live-transmit with $(srt-live-transmit -version 2>&1 | grep -m1 -o 'SRT Library version: [0-9.]*')"

timeout 30 ffmpeg -nostdin -v error -t 1 -f lavfi -i testsrc2=s=160x120:r=10 -c:v mpeg2video in.ts

try() { # PORT LISTENER'S-PASSPHRASE FFMPEG'S-PASSPHRASE: "connected" or "refused"
  timeout 20 srt-live-transmit -q "srt://127.0.0.1:$1?mode=listener&passphrase=$2" file://con >out.ts 2>listener.log &
  listener=$!
  sleep 1
  if timeout 10 ffmpeg -nostdin -v error -re -i in.ts -c copy -f mpegts \
    "srt://127.0.0.1:$1?passphrase=$3" 2>caller.log; then
    echo connected
  elif grep -qi "incorrect passphrase" caller.log; then
    echo refused
  else
    echo "failed otherwise"
  fi
  kill "$listener" 2>/dev/null || true
  wait "$listener" 2>/dev/null || true
  listener=
}

port=$((20000 + RANDOM % 20000))
echo "expected: connected wherever both were given the same"
seen="plain: $(try $port abcxdefghijkl abcxdefghijkl)
+ and +: $(try $((port + 1)) abc+defghijkl abc+defghijkl)
space and +: $(try $((port + 2)) 'abc defghijkl' abc+defghijkl)
%2B and %2B: $(try $((port + 3)) abc%2Bdefghijkl abc%2Bdefghijkl)
%26 and %26: $(try $((port + 4)) abc%26defghijkl abc%26defghijkl)"
echo "seen (srt-live-transmit and FFmpeg):"
echo "$seen"

before="plain: connected
+ and +: refused
space and +: connected
%2B and %2B: connected
%26 and %26: connected"
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
