#!/usr/bin/env bash
# RTMP and FLV carry onMetaData as an AMF0 ECMA array, which ends with an empty name and the byte 9.
# @astronautlabs/amf reads one and writes it again.
# Expected: the same bytes.
# What happens: the empty name is left out, only the 9 is written. (For objects, which end alike, it is right.)
# Why it matters: a receiver takes the 9 for the first byte of the next name's length: it reads
# on into what follows, or refuses the message; size, frame rate and codecs of the stream are lost.
# Source: AMF0 specification, sections 2.5, 2.10 and 2.11 (object end: an empty name and the marker 9).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 150 npm install --silent --no-audit --no-fund --ignore-scripts @astronautlabs/amf@0.0.6 reflect-metadata@0.2.2 amf@0.1.0
echo "versions: @astronautlabs/amf 0.0.6, amf 0.1.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v flv1 in.flv

cat >probe.cjs <<'JS'
require("reflect-metadata");
const { readFileSync } = require("node:fs");
const { AMF0 } = require("@astronautlabs/amf");
const amf = require("amf");

// The first tag of FFmpeg's FLV, behind the name "onMetaData".
const file = readFileSync("in.flv");
const body = file.subarray(24, 24 + file.readUIntBE(14, 3)).subarray(13);
const object = Buffer.from("03000161003ff0000000000000000009", "hex");
const again = (bytes) => Buffer.from(AMF0.Value.deserialize(bytes).serialize());
const width = (bytes) => {
  try {
    return amf.read(bytes, { offset: 0 }).width;
  } catch (error) {
    return `error: ${error.message.slice(0, 40)}`;
  }
};
const end = (bytes) => bytes.subarray(-12).toString("hex");
const written = again(body);
console.log(`expected: ${body.length} bytes, ending ${end(body)}; amf reads width ${width(body)}`);
console.log(`seen:     ${written.length} bytes, ending ${end(written)}; amf reads width ${width(written)}`);
const same = written.length === body.length - 2 && written.equals(Buffer.concat([body.subarray(0, -3), body.subarray(-1)])) &&
  again(object).equals(object) && width(body) === 160 && width(written) !== 160;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 30 node probe.cjs 2>/dev/null
