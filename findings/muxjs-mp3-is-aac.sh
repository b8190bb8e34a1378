#!/usr/bin/env bash
# MP3 may lie in MP4: its sample entry is mp4a, like AAC's, and the object type 0x6B inside says MP3.
# Expected: mux.js' probe says mp4a.6b (or "mp3"), as mp4box.js and mediabunny do.
# What happens: it says mp4a.40.2, AAC-LC.
# Why it matters: Video.js asks this probe which decoder a segment wants and sets the source buffer up
# for it: a browser set up for AAC is given MP3.
# Source: mp4ra.org, object types (0x6B: MPEG-1 audio); RFC 6381, section 3.3 (mp4a and its object type).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mux.js@7.1.0 mp4box@2.4.1 mediabunny@1.61.0
echo "versions: mux.js 7.1.0, mp4box 2.4.1, mediabunny 1.61.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
for codec in aac libmp3lame; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=440:r=44100:d=1 -c:a $codec $codec.mp4
done

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import * as bunny from "mediabunny";
import * as box from "mp4box";
import muxjs from "mux.js";

const seen = [];
for (const name of ["aac", "libmp3lame"]) {
  const file = readFileSync(`${name}.mp4`);
  const parsed = box.createFile();
  let codec;
  parsed.onReady = ({ tracks }) => {
    codec = tracks[0].codec;
  };
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  bytes.fileStart = 0;
  parsed.appendBuffer(bytes);
  parsed.flush();
  const input = new bunny.Input({ source: new bunny.BufferSource(file), formats: bunny.ALL_FORMATS });
  const row = [codec, (await input.getPrimaryAudioTrack()).codec, muxjs.mp4.probe.tracks(new Uint8Array(file))[0].codec];
  console.log(`expected: ${name}: ${row[0]} (mp4box.js), ${row[1]} (mediabunny)`);
  console.log(`seen:     ${name}: mux.js says ${row[2]}`);
  seen.push(row.join());
}
const same = seen.join("|") === "mp4a.40.2,aac,mp4a.40.2|mp4a.6b,mp3,mp4a.40.2";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
