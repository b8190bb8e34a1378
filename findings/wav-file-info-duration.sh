#!/usr/bin/env bash
# A WAV file of one second, 48 kHz, mono, 16 bits, with 480 kB of other chunks before and behind its samples: a long comment in
# LIST, and chunks that readers skip. And one with six channels.
# Expected: wav-file-info says one second, and a byte rate of 96000 and 576000.
# What happens: the duration is the whole file's size divided by the bytes of a second: six seconds. The byte rate is what its lower
# 16 bits say, 30464 and 51712 (its own readme shows 45328 for 44.1 kHz stereo instead of 176400).
# Why it matters: durations are right for bare files alone, and a byte rate that doesn't fit the other fields makes a file look broken.
# Source: RIFF/WAVE (Microsoft, Multimedia Programming Interface and Data Specifications 1.0: dwAvgBytesPerSec is 32 bits;
# duration: the data chunk's size by nAvgBytesPerSec).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts wav-file-info@0.0.10
echo "versions: wav-file-info 0.0.10, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=d=1:r=48000 -c:a pcm_s16le -metadata comment="$(head -c 120000 /dev/zero | tr '\0' x)" tagged.wav
for _ in 1 2 3; do printf 'junk\xc0\xd4\x01\x00' >>tail && head -c 120000 /dev/zero >>tail; done
cat tagged.wav tail >with-chunks.wav
# The RIFF chunk's size counts the three chunks too.
node -e 'const fs = require("fs"); const file = fs.readFileSync("with-chunks.wav"); file.writeUInt32LE(file.length - 8, 4); fs.writeFileSync("with-chunks.wav", file)'
timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=d=1:r=48000 -ac 6 -c:a pcm_s16le six.wav

cat >probe.cjs <<'JS'
const { infoByFilename } = require("wav-file-info");

const info = (file) => new Promise((resolve, reject) => infoByFilename(file, (error, found) => (error ? reject(error) : resolve(found))));
(async () => {
  const [chunks, six] = [await info("with-chunks.wav"), await info("six.wav")];
  console.log(`expected: ${process.argv[2]} s, 96000 bytes a second; six channels: 576000`);
  console.log(`seen:     ${chunks.duration.toFixed(3)} s, ${chunks.header.byte_rate} bytes a second; six channels: ${six.header.byte_rate}`);
  const same = Number(process.argv[2]) === 1 && chunks.duration > 5.9 && chunks.duration < 6.1 && chunks.header.byte_rate === (96000 & 65535) && six.header.byte_rate === (576000 & 65535);
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 30 node probe.cjs "$(ffprobe -v error -show_entries format=duration -of csv=p=0 with-chunks.wav)"
