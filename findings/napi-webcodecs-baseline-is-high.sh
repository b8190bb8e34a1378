#!/usr/bin/env bash
# The VideoEncoder of @napi-rs/webcodecs is configured with avc1.42001e (Baseline, level 3) and gets frames of 40 ms each.
# Expected: Baseline, and chunks with the frames' duration, as in Chromium; or isConfigSupported says no.
# What happens: High profile with CABAC (the avcC begins 01 64), while decoderConfig.codec goes on saying avc1.42001e and
# isConfigSupported yes. The duration is gone with H.264, VP8 and VP9 (AV1 keeps it).
# Why it matters: who asks for Baseline has receivers that play nothing else, and the name put into manifests is wrong; a muxer
# that needs durations has to guess them.
# Source: WebCodecs, section 6.1 (the codec string names the profile; a chunk takes its frame's duration); RFC 6381, section 3.3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @napi-rs/webcodecs@1.3.1
echo "versions: @napi-rs/webcodecs 1.3.1, Node $(node --version)"

cat >probe.cjs <<'JS'
const { VideoEncoder, VideoFrame } = require("@napi-rs/webcodecs");

const encode = async (codec) => {
  const [width, height] = [160, 120];
  let decoder;
  const durations = [];
  const encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      decoder ??= metadata?.decoderConfig;
      durations.push(chunk.duration ?? null);
    },
    error: (error) => console.log(String(error)),
  });
  encoder.configure({ codec, width, height, bitrate: 500_000, framerate: 25 });
  for (let at = 0; at < 4; at++) {
    const pixels = Uint8Array.from({ length: width * height * 1.5 }, (_, pixel) => (pixel + at * 8) & 255);
    const frame = new VideoFrame(pixels, { format: "I420", codedWidth: width, codedHeight: height, timestamp: at * 40_000, duration: 40_000 });
    encoder.encode(frame);
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  return { decoder, durations: [...new Set(durations)].join() || "none" };
};

(async () => {
  const { supported } = await VideoEncoder.isConfigSupported({ codec: "avc1.42001e", width: 160, height: 120 });
  const { decoder, durations } = await encode("avc1.42001e");
  const avcC = Buffer.from(decoder.description).toString("hex").slice(0, 4);
  const others = [];
  for (const codec of ["vp8", "vp09.00.10.08", "av01.0.04M.08"]) others.push((await encode(codec)).durations);
  console.log("expected: avc1.42001e with an avcC of 0142; durations 40000, four times");
  console.log(`seen:     supported ${supported}, ${decoder.codec} with an avcC of ${avcC}; durations H.264 ${durations}, VP8 ${others[0]}, VP9 ${others[1]}, AV1 ${others[2]}`);
  const same = supported && decoder.codec === "avc1.42001e" && avcC === "0164" && [durations, ...others].join("|") === "none|none|none|40000";
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 60 node probe.cjs
