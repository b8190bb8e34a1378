#!/usr/bin/env bash
# @svta/cml-iso-bmff reads an MP4 file as FFmpeg writes it (readIsoBoxes with defaultReaderConfig) and writes it again, unchanged
# (writeIsoBoxes with defaultWriterConfig).
# Expected: the file as it was. That it is read and written by the same set of boxes is what the two defaults are for.
# What happens: RangeError "Offset is outside the bounds of the DataView". The sample tables stsc, stsz and stco have
# writers but no readers: they stay bytes, and their writers look for fields. stsz alone is written without an error, as 20 bytes that say there
# is no sample. dref grows by a byte: "url " gets an end of text where flags say that there is no text.
# Why it matters: nothing with a moov can be changed this way, not even an init segment, and stsz loses its table silently.
# Source: ISO/IEC 14496-12, sections 8.7.2 (url: no string if the flag says self-contained), 8.7.3 to 8.7.5 (stsz, stsc, stco).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-iso-bmff@1.0.6 @svta/cml-utils@1.6.1
echo "versions: @svta/cml-iso-bmff 1.0.6, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v libx264 -preset ultrafast file.mp4
timeout 30 ffmpeg -nostdin -v error -i file.mp4 -c copy -movflags empty_moov+default_base_moof+frag_keyframe fragments.mp4

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { defaultReaderConfig, defaultWriterConfig, readIsoBoxes, writeIsoBoxes } from "@svta/cml-iso-bmff";

const copy = (bytes) => {
  try {
    const written = writeIsoBoxes(readIsoBoxes(bytes, defaultReaderConfig()), defaultWriterConfig());
    return Buffer.concat(written.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const outcome = (bytes) => {
  const written = copy(bytes);
  return typeof written === "string" ? written : written.equals(bytes) ? "the same" : `${bytes.length} bytes became ${written.length}`;
};
/** The box of a type, as bytes; the types looked for here don't occur in media data. */
const box = (file, type) => {
  const at = file.indexOf(type, 0, "latin1") - 4;
  return file.subarray(at, at + file.readUInt32BE(at));
};
const file = readFileSync("file.mp4");
const fragments = readFileSync("fragments.mp4");
const seen = {
  file: outcome(file),
  "init segment": outcome(box(fragments, "moov")),
  moof: outcome(box(fragments, "moof")),
  stbl: outcome(box(file, "stbl")),
  ...Object.fromEntries(["stsd", "stts", "stsc", "stsz", "stco", "dref"].map((type) => [type, outcome(box(file, type))])),
};
const samples = (stsz) => stsz.readUInt32BE(16);
const table = copy(box(file, "stsz"));
console.log("expected: the same");
for (const [name, what] of Object.entries(seen)) console.log(`seen:     ${name}: ${what}`);
console.log(`          samples in stsz: ${samples(box(file, "stsz"))} before, ${samples(table)} after`);
const range = "RangeError: Offset is outside the bounds of the DataView";
const before = {
  file: range,
  "init segment": range,
  moof: "the same",
  stbl: range,
  stsd: "the same",
  stts: "the same",
  stsc: range,
  stsz: "220 bytes became 20",
  stco: range,
  dref: "28 bytes became 29",
};
const same = JSON.stringify(seen) === JSON.stringify(before) && samples(table) === 0;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 30 node probe.mjs
