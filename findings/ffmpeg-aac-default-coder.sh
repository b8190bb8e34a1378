#!/usr/bin/env bash
# FFmpeg's own AAC encoder has two coders. `twoloop`, the default, is documented as the one of better
# quality; `fast` as the one that is faster, and the worse choice at low bitrates.
# Expected: at 128 kbit/s twoloop is nearer to the original, for more CPU.
# What happens: on noise that comes and goes, as speech and music do, fast is nearer to the original
# at the same size of file, for half of the CPU or less.
# Why it matters: a live packager runs this encoder all day for every stream: it was most of the CPU
# of one that copies its video, and paid for a larger error.
# Source: FFmpeg's documentation of codecs, section "aac", option aac_coder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "version: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

timeout 60 ffmpeg -nostdin -v error -f lavfi \
  -i "anoisesrc=color=pink:sample_rate=48000:amplitude=0.3:seed=1:duration=40,tremolo=f=3:d=0.9,aformat=channel_layouts=stereo" \
  -f f32le -ac 2 -ar 48000 original.raw

# CODER: seconds of CPU, bytes of the file, RMS of the decoded sound less the original
measure() {
  local cpu
  TIMEFORMAT='%U'
  cpu=$({ time timeout 60 ffmpeg -nostdin -v error -y -f f32le -ac 2 -ar 48000 -i original.raw \
    -c:a aac -aac_coder "$1" -b:a 128k -threads 1 "$1.m4a" 1>&2; } 2>&1)
  timeout 60 ffmpeg -nostdin -v error -y -i "$1.m4a" -f f32le -ac 2 -ar 48000 "$1.raw"
  node - "$1" "$cpu" <<'JS'
const { readFileSync, statSync } = require("node:fs");
const [, , coder, cpu] = process.argv;
const read = (name) => {
  const bytes = readFileSync(name);
  return new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
};
const [a, b] = [read("original.raw"), read(`${coder}.raw`)];
const length = Math.min(a.length, b.length);
let sum = 0;
for (let at = 0; at < length; at++) sum += (a[at] - b[at]) ** 2;
console.log(cpu, statSync(`${coder}.m4a`).size, Math.sqrt(sum / length).toFixed(5));
JS
}

read -r slow_cpu slow_bytes slow_error < <(measure twoloop)
read -r fast_cpu fast_bytes fast_error < <(measure fast)
echo "expected: twoloop's error is the smaller one"
echo "twoloop: $slow_cpu s of CPU, $slow_bytes bytes, error $slow_error"
echo "fast:    $fast_cpu s of CPU, $fast_bytes bytes, error $fast_error"
node -e '
  const [slowCpu, fastCpu, slowBytes, fastBytes, slowError, fastError] = process.argv.slice(1).map(Number);
  const sameSize = Math.abs(slowBytes / fastBytes - 1) < 0.05;
  const asRecorded = fastError < slowError && fastCpu < slowCpu * 0.75 && sameSize;
  console.log(asRecorded ? "as recorded" : "changed");
  process.exit(asRecorded ? 0 : 1);
' "$slow_cpu" "$fast_cpu" "$slow_bytes" "$fast_bytes" "$slow_error" "$fast_error"
