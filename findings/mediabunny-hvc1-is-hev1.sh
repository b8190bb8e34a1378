#!/usr/bin/env bash
# H.265 in MP4 is either hvc1 (parameter sets in the head of the file only) or hev1 (in the stream
# too); the MIME type names which, and players differ in what they take.
# Expected: mediabunny names the one in the file, for what it reads and for what it writes.
# What happens: it names hev1 for both when reading, and hev1 for its own files, in which it writes hvc1.
# (avc1 and avc3, the same pair for H.264, it tells apart.)
# Why it matters: Apple's players take hvc1 only; a page that asks isTypeSupported with this string is
# told that a file can't be played which can.
# Source: ISO/IEC 14496-15, 8.4.1 (hvc1 and hev1) and annex E (codecs parameter); Apple, HLS authoring
# specification, 1.10 (hvc1, not hev1).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mediabunny@1.61.0 mp4box@2.4.1
echo "versions: mediabunny 1.61.0, mp4box 2.4.1, $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
for tag in hvc1 hev1; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx265 -x265-params log-level=none \
    -preset ultrafast -pix_fmt yuv420p -tag:v $tag $tag.mp4
done

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import * as bunny from "mediabunny";
import * as box from "mp4box";

const inFile = (file) => {
  const parsed = box.createFile();
  let codec;
  parsed.onReady = ({ tracks }) => {
    codec = tracks[0].codec;
  };
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  bytes.fileStart = 0;
  parsed.appendBuffer(bytes);
  parsed.flush();
  return codec.slice(0, 4);
};
const named = (type) => /codecs="(....)/.exec(type)[1];
const seen = [];
for (const tag of ["hvc1", "hev1"]) {
  const file = readFileSync(`${tag}.mp4`);
  const input = new bunny.Input({ source: new bunny.BufferSource(file), formats: bunny.ALL_FORMATS });
  const output = new bunny.Output({ format: new bunny.Mp4OutputFormat(), target: new bunny.BufferTarget() });
  const conversion = await bunny.Conversion.init({ input, output });
  await conversion.execute();
  const written = inFile(Buffer.from(output.target.buffer));
  const row = [inFile(file), named(await input.getMimeType()), written, named(await output.getMimeType())];
  console.log(`expected: file has ${row[0]}, mediabunny names ${row[0]}; it writes ${row[2]}, names ${row[2]}`);
  console.log(`seen:     file has ${row[0]}, mediabunny names ${row[1]}; it writes ${row[2]}, names ${row[3]}`);
  seen.push(row.join());
}
const same = seen.join("|") === "hvc1,hev1,hvc1,hev1|hev1,hev1,hvc1,hev1";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
