#!/usr/bin/env bash
# AudioData of two channels, all samples 0.5 in the first and -0.25 in the second (f32-planar), copied as s16 and u8-planar.
# Expected: @napi-rs/webcodecs converts (16384, -8192 and so on; Chromium does), or throws NotSupportedError.
# What happens: allocationSize answers with the size of the other format, and copyTo then puts the bytes of the floats
# there as they are: 0 0 16128 -16768 are the halves of 0.5 and of its neighbours, read as numbers.
# Why it matters: no error and the right number of samples, all of them noise at full level.
# Source: WebCodecs, section 9.2 (AudioData.copyTo: an unsupported conversion is a NotSupportedError, others are converted).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @napi-rs/webcodecs@1.3.1
echo "versions: @napi-rs/webcodecs 1.3.1, Node $(node --version)"

cat >probe.cjs <<'JS'
const { AudioData } = require("@napi-rs/webcodecs");

const data = Float32Array.from({ length: 1920 }, (_, at) => (at < 960 ? 0.5 : -0.25));
const sound = new AudioData({ format: "f32-planar", sampleRate: 48000, numberOfChannels: 2, numberOfFrames: 960, timestamp: 0, data });
const copy = (target, options) => {
  const size = sound.allocationSize(options);
  sound.copyTo(target, options);
  return `${size} bytes: ${[...target.slice(0, 4)].join(" ")}`;
};
const s16 = copy(new Int16Array(1920), { planeIndex: 0, format: "s16" });
const u8 = copy(new Uint8Array(960), { planeIndex: 1, format: "u8-planar" });
console.log("expected: s16 3840 bytes: 16384 -8192 16384 -8192 (one more or less); u8-planar 960 bytes: 96 96 96 96");
console.log(`seen:     s16 ${s16}; u8-planar ${u8}`);
const bytes = [...new Uint8Array(Float32Array.of(-0.25).buffer)].join(" ");
const same = s16.startsWith("3840 bytes: 0 ") && !s16.includes("8192") && u8 === `960 bytes: ${bytes}`;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
