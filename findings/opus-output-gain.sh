#!/usr/bin/env bash
# A tone in Ogg Opus whose head says output gain -12 dB, and the same packets in MP4 and WebM, the gain in their heads too.
# Expected: all play it 12 dB softer than without the gain.
# What happens: ogg-opus-decoder leaves the gain out of account; GStreamer applies it from Ogg and WebM, not from MP4; in MPEG-TS, to which
# FFmpeg copies without a word, there is no place for it. FFmpeg applies it in the three others, opusdec in Ogg.
# Why it matters: loudness is set in this field without encoding again: the same file is four times as loud in
# one player as in another, or after it was packaged anew.
# Source: RFC 7845, section 5.1, item 5 (output gain: should be applied); Encapsulation of Opus in ISO Base Media File
# Format, 4.3.2 (OutputGain).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need opusdec opus-tools
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 opusdec >/dev/null 2>&1 && gst-inspect-1.0 qtdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-base gstreamer1.0-plugins-good >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ogg-opus-decoder@1.7.5
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p), opus-tools $(dpkg-query -W -f '${Version}' opus-tools), ogg-opus-decoder 1.7.5, Node $(node --version)"

cat >probe.mjs <<'JS'
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { OggOpusDecoder } from "ogg-opus-decoder";

const run = (command) => {
  const [program, ...words] = command.split(" ");
  const { status, stderr } = spawnSync(program, words, { encoding: "utf8", timeout: 30_000 });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stderr;
};
// Ogg's checksum: CRC-32 with the polynomial 0x04c11db7, from the highest bit, beginning with 0.
const checksum = (bytes) => {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
};
run("ffmpeg -nostdin -v error -f lavfi -i sine=440:r=48000:d=2 -c:a libopus plain.opus");
const bytes = readFileSync("plain.opus");
const head = bytes.indexOf("OpusHead");
bytes.writeInt16LE(-12 * 256, head + 16);
bytes.writeUInt32LE(0, 22);
bytes.writeUInt32LE(checksum(bytes.subarray(0, head + 19)), 22);
writeFileSync("soft.opus", bytes);
for (const name of ["soft.mp4", "soft.webm", "soft.ts"]) run(`ffmpeg -nostdin -v error -i soft.opus -c copy -strict experimental ${name}`);

const ffmpeg = (name) => Number(/max_volume: (\S+) dB/.exec(run(`ffmpeg -nostdin -hide_banner -i ${name} -af volumedetect -f null -`))[1]);
const gstreamer = (name, demuxer) => {
  run(`gst-launch-1.0 -q filesrc location=${name} ! ${demuxer} ! opusdec ! wavenc ! filesink location=${name}.wav`);
  return ffmpeg(`${name}.wav`);
};
const decoder = async (name) => {
  const decoder = new OggOpusDecoder();
  await decoder.ready;
  const { channelData } = await decoder.decodeFile(new Uint8Array(readFileSync(name)));
  decoder.free();
  return 20 * Math.log10(channelData[0].reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
};
run("opusdec --quiet soft.opus soft.wav");
const plain = ffmpeg("plain.opus");
const seen = {
  "FFmpeg, Ogg": ffmpeg("soft.opus"),
  "FFmpeg, MP4": ffmpeg("soft.mp4"),
  "FFmpeg, WebM": ffmpeg("soft.webm"),
  "FFmpeg, MPEG-TS": ffmpeg("soft.ts"),
  "opusdec, Ogg": ffmpeg("soft.wav"),
  "GStreamer, Ogg": gstreamer("soft.opus", "oggdemux"),
  "GStreamer, WebM": gstreamer("soft.webm", "matroskademux"),
  "GStreamer, MP4": gstreamer("soft.mp4", "qtdemux"),
  "ogg-opus-decoder, Ogg": await decoder("soft.opus"),
};
const text = Object.entries(seen).map(([name, peak]) => `${name}: ${Math.round(peak - plain) || 0} dB`);
console.log("expected: -12 dB everywhere");
console.log(`seen:     ${text.join("\n          ")}`);
const loud = text.filter((line) => line.endsWith(" 0 dB")).map((line) => line.split(":")[0]).join("; ");
const soft = text.filter((line) => line.endsWith(" -12 dB")).length;
const same = loud === "FFmpeg, MPEG-TS; GStreamer, MP4; ogg-opus-decoder, Ogg" && soft === 6;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
