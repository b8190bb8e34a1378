#!/usr/bin/env bash
# mkvmerge puts eight packets of sound into one block ("lacing") and says so in two bits of the
# block's flags. ebml-stream decodes such a file and encodes it again, nothing changed.
# Expected: the same packets in the copy.
# What happens: it looks for the bits one place too far to the left. Xiph lacing is read as none,
# so is written as none, and what was eight packets is one packet of nonsense; EBML and fixed-size lacing
# are taken for Xiph's.
# Why it matters: a tool that changes a title with ebml-stream ruins the sound of every file from
# mkvmerge, without an error.
# Source: RFC 9559, sections 10.1 (Block: lacing is 0x06 of the flags) and 10.3 (Block Lacing).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
command -v mkvmerge >/dev/null || { apt-get update -qq && apt-get install -y -qq mkvtoolnix >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ebml-stream@1.0.3
echo "versions: ebml-stream 1.0.3, $(mkvmerge --version | cut -d' ' -f1,2)," \
  "$(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=440:r=48000:d=4 -c:a libopus sound.ogg
mkvmerge -q -o laced.mkv sound.ogg
mkvmerge -q --disable-lacing -o plain.mkv sound.ogg

cat >copy.cjs <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const { EbmlStreamDecoder, EbmlStreamEncoder } = require("ebml-stream");

const [, , from, to] = process.argv;
const decoder = new EbmlStreamDecoder();
const encoder = new EbmlStreamEncoder();
const parts = [];
encoder.on("data", (part) => parts.push(part));
encoder.on("end", () => writeFileSync(to, Buffer.concat(parts)));
decoder.pipe(encoder);
decoder.end(readFileSync(from));
JS
packets() { ffprobe -v quiet -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$1" | tr -d ,; }
seen=
for name in plain laced; do
  timeout 30 node copy.cjs "$name.mkv" "$name-copy.mkv"
  seen+="$name $(packets $name.mkv) $(packets $name-copy.mkv); "
done
echo "expected: packets in the file and in the copy: plain 201 201; laced 201 201;"
echo "seen:     $seen"

read -r _ a b _ c d <<<"${seen//;/}"
if [ "$a" = "$b" ] && [ "$a" = "$c" ] && [ $((d * 5)) -lt "$c" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
