#!/usr/bin/env bash
# ts-ebml's readme shows how to make a recording seekable: ts-ebml -s input.webm | cat > seekable.webm.
# Expected: a WebM file that begins with an EBML head, as any does.
# What happens: the command ends without an error, and the file begins with bytes from elsewhere; no
# program reads it. The encoder gives out the ArrayBuffer below a Node Buffer, which for small
# Buffers is Node's shared pool of 8 KiB, not only the bytes that were encoded.
# Why it matters: the file that was to be repaired is found broken when it is needed; the same in any
# Node program that writes what Encoder.encode() returns. In browsers, whose Buffer has no pool, all is well.
# Source: ts-ebml, readme ("try to convert a MediaRecorder WebM to seekable WebM"); Node.js, Buffer
# (buf.byteOffset).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ts-ebml@3.0.2
echo "versions: ts-ebml 3.0.2, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"

# A live WebM, as MediaRecorder writes it: no duration, no cues.
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libvpx -deadline realtime \
  -g 25 -f webm -live 1 - | cat >input.webm

look() { # FILE: how long it is and its first four bytes, and whether FFmpeg reads it
  local readable=yes
  ffprobe -v quiet "$1" || readable=no
  echo "$(stat -c %s "$1") bytes, head $(head -c 4 "$1" | od -An -tx1 | tr -d ' '), readable: $readable"
}
code=0
timeout 30 node_modules/.bin/ts-ebml -s input.webm 2>/dev/null | cat >seekable.webm || code=$?
timeout 30 node -e 'require("buffer").Buffer.poolSize = 0; process.argv.splice(1, 0, "ts-ebml"); require("ts-ebml/lib/cli.js")' \
  -- -s input.webm 2>/dev/null | cat >without-pool.webm || true
seen="input: $(look input.webm)
ts-ebml -s: $(look seekable.webm), exit code $code"
echo "expected: head 1a45dfa3, readable: yes"
echo "$seen" | sed 's/^/seen:     /'
echo "          the same without Node's pool: $(look without-pool.webm)"

if [[ $seen == *"input: "*"head 1a45dfa3, readable: yes"* && $seen == *"ts-ebml -s: "*"readable: no, exit code 0" ]]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
