#!/usr/bin/env bash
# MP4 by FFmpeg, sound that begins a second late: its edit list has an empty edit first, media time -1. FFmpeg writes the list with 64-bit
# numbers (version 1) where its times need them, here for a movie timescale of 10^9. @svta/cml-iso-bmff and codem-isoboxer (which dash.js has) read it.
# Expected: the media time -1, as in lists of version 0, which says that nothing is shown for a second.
# What happens: -4294967297, which is no empty edit. Both halves of a signed number of 64 bits are read as signed, so each whose lower half has
# its highest bit set is 2^32 too small, in both packages. mp4box reads -1.
# Why it matters: readers look for -1 to find the delay; without it the sound is a second early. Files of long recordings, or
# with a fine timescale, have this version.
# Source: ISO/IEC 14496-12, section 8.6.6 (media_time: int(64) in version 1; -1 is an empty edit).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-iso-bmff@1.0.6 @svta/cml-utils@1.6.1 mp4box@2.4.1 codem-isoboxer@0.3.10
echo "versions: @svta/cml-iso-bmff 1.0.6, mp4box 2.4.1, codem-isoboxer 0.3.10, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
for scale in 1000 1000000000; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=6 -itsoffset 1 -f lavfi -i sine=d=5 \
    -c:v libx264 -preset ultrafast -c:a aac -movie_timescale $scale $scale.mp4
done

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defaultReaderConfig, readIsoBoxes, traverseIsoBoxes } from "@svta/cml-iso-bmff";
import { createFile } from "mp4box";

const isoBoxer = createRequire(import.meta.url)("codem-isoboxer");
const read = (path) => {
  const bytes = readFileSync(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const sound = (lists) => lists.find(({ entries }) => entries.length > 1);
  const cml = sound([...traverseIsoBoxes(readIsoBoxes(bytes, defaultReaderConfig()))].filter(({ type }) => type === "elst"));
  const file = createFile();
  file.appendBuffer(Object.assign(buffer, { fileStart: 0 }));
  const mp4box = sound(file.moov.traks.map(({ edts }) => edts.elst));
  const isoboxer = sound(isoBoxer.parseBuffer(buffer).fetchAll("elst"));
  return [cml.version, cml.entries[0].mediaTime, mp4box.entries[0].media_time, isoboxer.entries[0].media_time].map(Number);
};
const [short, long] = [read("1000.mp4"), read("1000000000.mp4")];
console.log("expected: -1");
for (const [version, cml, mp4box, isoboxer] of [short, long])
  console.log(`seen:     version ${version}: cml-iso-bmff ${cml}, mp4box ${mp4box}, codem-isoboxer ${isoboxer}`);
const same = JSON.stringify([short, long]) === JSON.stringify([[0, -1, -1, -1], [1, -4294967297, -1, -4294967297]]);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 30 node probe.mjs
