#!/usr/bin/env bash
# Five blocks of 1000 samples at 48 kHz to the AudioEncoder of @napi-rs/webcodecs, as AAC, MP3 and FLAC, then flush().
# Expected: every chunk's duration in microseconds, as in WebCodecs: 21333 for an AAC frame, 24000 for MP3's.
# What happens: the chunks that flush() brings count in samples: 1024 and 904 for AAC, 1152 and 345 for MP3. In AAC two of
# them have the same timestamp, and FLAC ends with a chunk of 0 bytes. Those that come before flush() are right.
# Why it matters: a muxer that goes by timestamps and durations writes an end that is too short, and two frames at
# one time; an empty chunk is no frame that a decoder takes.
# Source: WebCodecs, section 9.1 (EncodedAudioChunk: duration in microseconds); AAC-LC: 1024 samples a frame.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @napi-rs/webcodecs@1.3.1
echo "versions: @napi-rs/webcodecs 1.3.1, Node $(node --version)"

cat >probe.cjs <<'JS'
const { AudioData, AudioEncoder } = require("@napi-rs/webcodecs");

const encode = async (codec) => {
  const chunks = [];
  const encoder = new AudioEncoder({
    output: ({ timestamp, duration, byteLength }) => chunks.push({ timestamp, duration: duration ?? 0, byteLength }),
    error: (error) => console.log(String(error)),
  });
  encoder.configure({ codec, sampleRate: 48000, numberOfChannels: 2, bitrate: 96000 });
  for (let block = 0; block < 5; block++) {
    const data = Float32Array.from({ length: 2000 }, (_, at) => Math.sin(at / 20) / 2);
    const timestamp = Math.round((block * 1e6) / 48);
    const sound = new AudioData({ format: "f32", sampleRate: 48000, numberOfChannels: 2, numberOfFrames: 1000, timestamp, data });
    encoder.encode(sound);
    sound.close();
  }
  await encoder.flush();
  encoder.close();
  return chunks;
};

(async () => {
  const list = (chunks) => chunks.map(({ timestamp, duration }) => `${timestamp}+${duration}`).join(" ");
  const [aac, mp3, flac] = [await encode("mp4a.40.2"), await encode("mp3"), await encode("flac")];
  console.log("expected: AAC 0+21333 21333+21333 42666+21333 64000+21333 85333+…, MP3 0+24000 24000+24000 48000+24000 72000+24000 …");
  console.log(`seen:     AAC ${list(aac)}`);
  console.log(`seen:     MP3 ${list(mp3)}`);
  console.log(`seen:     FLAC ends with ${flac.at(-1).byteLength} bytes`);
  const same =
    list(aac).startsWith("0+21333 21333+21333 42666+21333") && list(aac).endsWith("85333+1024 85333+904") &&
    /72000\+1152 96000\+1152 \d+\+345$/.test(list(mp3)) && flac.at(-1).byteLength === 0;
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 60 node probe.cjs
