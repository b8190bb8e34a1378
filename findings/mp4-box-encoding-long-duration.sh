#!/usr/bin/env bash
# FFmpeg writes ten seconds of video with a track timescale of 1 GHz, so that mdhd has version 1 and 64 bits for the duration.
# Expected: mp4-box-encoding says 10000000000 ticks, ten seconds.
# What happens: 152587 ticks, 0.15 ms: of the eight bytes it reads the first six, as if they were all. Written again
# they go to the same place, and the last two become 0: another duration than the file had.
# Why it matters: at the usual 90 kHz it begins at 13 hours 15 minutes: a day's recording lasts 1.3 s, while mvhd beside it
# is right.
# Source: ISO/IEC 14496-12, 8.4.2 (mdhd, version 1: unsigned int(64) duration).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mp4-box-encoding@1.4.1 mp4box@2.4.1
echo "versions: mp4-box-encoding 1.4.1, beside it mp4box 2.4.1, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=10 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
  -video_track_timescale 1000000000 in.mp4

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import Box from "mp4-box-encoding";
import { createFile } from "mp4box";

const bytes = readFileSync("in.mp4");
// The duration of each moov's mdhd, read by hand: behind the type 4 bytes of version and flags, 16 of dates, 4 of timescale.
const byHand = (moov) => moov.readBigUInt64BE(moov.indexOf("mdhd") + 28);
let at = 0;
while (bytes.toString("latin1", at + 4, at + 8) !== "moov") at += bytes.readUInt32BE(at);
const moov = bytes.subarray(at, at + bytes.readUInt32BE(at));
const decoded = Box.decode(moov);
const { duration, timeScale } = decoded.traks[0].mdia.mdhd;
const again = byHand(Box.encode(decoded));

const file = createFile();
let other;
file.onReady = (info) => (other = info.tracks[0].duration);
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
buffer.fileStart = 0;
file.appendBuffer(buffer);
console.log(`expected: ${byHand(moov)} ticks at ${timeScale} Hz; the same when written again`);
console.log(`seen:     mp4-box-encoding: ${duration}; written again: ${again}; mp4box: ${other}`);
const same = byHand(moov) === 10_000_000_000n && duration === 152587 && again === 9_999_941_632n && other === 10_000_000_000;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
