#!/usr/bin/env bash
# ts-demuxer takes MPEG-TS apart and hands over each frame with its PTS and DTS. A second of H.264
# with two B-frames in a row.
# Expected: the presentation times of the stream, 25 different ones, as ffprobe reads them from it.
# What happens: a packet gets the greatest PTS met so far instead of its own. Each B-frame has the time
# of the picture after it, so that most times come two or three times over.
# Why it matters: shown by these times, three frames stand for one and 120 ms jerks follow; and after
# the PTS has gone round (every 26.5 hours) the time stays where it was. The DTS is right.
# Source: ISO/IEC 13818-1, section 2.4.3.7 (semantics of PTS and DTS).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ts-demuxer@1.1.1
echo "versions: ts-demuxer 1.1.1, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 -threads 1 \
  -preset fast -bf 2 -b_strategy 0 in.ts
timeout 30 ffprobe -v error -show_entries packet=pts,dts -of json in.ts >times.json

cat >probe.cjs <<'JS'
const { readFileSync } = require("node:fs");
const { TSDemuxer } = require("ts-demuxer");

const inFile = JSON.parse(readFileSync("times.json", "utf8")).packets;
const packets = [];
const demuxer = new TSDemuxer((packet) => packets.push(packet));
demuxer.process(readFileSync("in.ts"));
demuxer.finalize();
const frames = (times) => times.map((time) => (time - inFile[0].pts) / 3600).join(" ");
const different = (times) => new Set(times).size;
const given = inFile.map(({ pts }) => pts);
const seen = packets.map(({ pts }) => pts);
console.log(`expected: ${different(given)} times, in frames: ${frames(given)}`);
console.log(`seen:     ${different(seen)} times, in frames: ${frames(seen)}`);

const greatestSoFar = given.map((_, index) => Math.max(...given.slice(0, index + 1)));
const sameDts = packets.every(({ dts }, index) => dts === inFile[index].dts);
console.log(`the decoding times are ${sameDts ? "right" : "wrong"}`);
const same = sameDts && given.length === 25 && different(seen) < 15 && seen.join() === greatestSoFar.join();
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
