#!/usr/bin/env bash
# An MP4's sample entry has 16 bits for the sample rate's whole hertz: 96,000 doesn't fit, so it says 0
# there and the decoder's own configuration has the rate, as the track's timescale has.
# Expected: mp4box.js' track.audio.sample_rate is 96000 (ffprobe and mediabunny say so).
# What happens: it is 0, for AAC and FLAC alike.
# Why it matters: pages hand this number on to AudioDecoder.configure or an AudioContext, which want the real one:
# sound of 88.2 and 96 kHz stops there.
# Source: ISO/IEC 14496-12, 12.2.3 (samplerate is 16.16); ISO/IEC 14496-3, 1.6.2.1 (AudioSpecificConfig).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mp4box@2.4.1 mediabunny@1.61.0
echo "versions: mp4box 2.4.1, mediabunny 1.61.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as bunny from "mediabunny";
import * as box from "mp4box";

const run = (command, ...words) => execFileSync(command, words, { stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
console.log("expected: the same rate from all three");
const seen = [];
for (const [codec, rate] of [["aac", 48000], ["aac", 96000], ["flac", 96000]]) {
  run("ffmpeg", "-nostdin", "-y", "-f", "lavfi", "-i", `sine=440:r=${rate}:d=1`, "-c:a", codec, "-strict", "-2", "a.mp4");
  const file = readFileSync("a.mp4");
  const parsed = box.createFile();
  let found;
  parsed.onReady = ({ tracks }) => {
    found = tracks[0].audio.sample_rate;
  };
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  bytes.fileStart = 0;
  parsed.appendBuffer(bytes);
  parsed.flush();
  const input = new bunny.Input({ source: new bunny.BufferSource(file), formats: bunny.ALL_FORMATS });
  const ffprobe = run("ffprobe", "-show_entries", "stream=sample_rate", "-of", "csv=p=0", "a.mp4");
  console.log(`seen:     ${codec} ${rate}: ffprobe ${ffprobe}, mediabunny ${(await input.getPrimaryAudioTrack()).sampleRate}, mp4box.js ${found}`);
  seen.push(found);
}
const same = seen.join() === "48000,0,0";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs 2>/dev/null
