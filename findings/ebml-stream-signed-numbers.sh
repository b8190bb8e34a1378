#!/usr/bin/env bash
# Opus in Matroska ends with DiscardPadding, how many ns of the last packet are not to be played, as a
# signed number in as few bytes as it needs. ebml-stream decodes such files and encodes them again.
# Expected: the number that was in the file, and the same file again.
# What happens: numbers of three bytes are read as NaN and written as 0, numbers of four bytes
# are read rightly and written as 4,294,967,296 times as much. (ebml 3.0, which it stems from, reads
# NaN too.)
# Why it matters: a tool that copies a recording element by element brings back the click at its end;
# ReferenceBlock, which is signed as well, loses what a frame builds on.
# Source: RFC 8794, section 7.1 (signed integer element: any length from 0 to 8 bytes);
# RFC 9559, section 5.1.3.5.7 (DiscardPadding).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
command -v mkvinfo >/dev/null || { apt-get update -qq && apt-get install -y -qq mkvtoolnix >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ebml-stream@1.0.3 ebml@3.0.0
echo "versions: ebml-stream 1.0.3, ebml 3.0.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3)," \
  "$(mkvinfo --version | cut -d' ' -f1,2)"

# 1.0130 s and 1.0000 s end at different places of their last packet of 20 ms.
for length in 1.0130 1.0000; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i "sine=440:r=48000:d=$length" -c:a libopus "$length.webm"
done

cat >copy.cjs <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const { EbmlStreamDecoder, EbmlStreamEncoder, EbmlTagId } = require("ebml-stream");
const ebml = require("ebml");

const [, , from, to] = process.argv;
const decoder = new EbmlStreamDecoder();
const encoder = new EbmlStreamEncoder();
const parts = [];
decoder.on("data", (tag) => {
  if (tag.id === EbmlTagId.DiscardPadding) console.log(`ebml-stream reads ${tag.data}`);
});
encoder.on("data", (part) => parts.push(part));
encoder.on("end", () => writeFileSync(to, Buffer.concat(parts)));
decoder.pipe(encoder);
decoder.end(readFileSync(from));
const older = new ebml.Decoder();
older.on("data", ([, tag]) => {
  if (tag.name === "DiscardPadding") console.log(`ebml reads ${tag.value}`);
});
older.end(readFileSync(from));
JS
padding() { mkvinfo -v -v -v "$1" | sed -n 's/.*Discard padding: \([0-9]*\).*/\1/p'; }
seen=
for length in 1.0130 1.0000; do
  read_as=$(timeout 30 node copy.cjs "$length.webm" "copy-$length.webm" | sort | paste -sd, | sed 's/,/, /')
  seen+="$(padding "$length.webm"): $read_as, written again $(padding "copy-$length.webm")
"
done
echo "expected: the same number everywhere in a line"
printf %s "$seen" | sed 's/^/seen:     in the file /'

before="500000: ebml reads NaN, ebml-stream reads NaN, written again 0
13500000: ebml reads 13500000, ebml-stream reads 13500000, written again 57982058496000000
"
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
