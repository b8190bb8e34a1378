#!/usr/bin/env bash
# Four seconds of Ogg Opus and of Ogg Vorbis whose granule positions begin at one hour, as in the
# recording of a live stream that was joined after an hour.
# Expected: four seconds; the begin is to be subtracted from the last position.
# What happens: music-metadata says 3604 s for both (Opus at 66 bit/s); FFmpeg says 4 s for Vorbis, but
# 3604 s for Opus. opusinfo says four seconds.
# Why it matters: recordings of internet radio get durations of days, and the bit rate is nonsense.
# Source: RFC 7845, sections 4.3 (PCM Sample Position) and 4.5 (Restrictions on the Initial Granule
# Position: a live stream can be joined without rewriting).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
command -v opusinfo >/dev/null || { apt-get update -qq && apt-get install -y -qq opus-tools >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts music-metadata@11.16.1
echo "versions: music-metadata 11.16.1, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), opus-tools $(dpkg-query -W -f '${Version}' opus-tools), Node $(node --version)"
sound() { timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=r=48000:d=4 "$@"; }
sound -c:a libopus -b:a 64k begin.opus
sound -c:a libvorbis begin.ogg
for name in begin.opus begin.ogg; do
  timeout 30 ffmpeg -nostdin -v error -i "$name" -c copy -output_ts_offset 3600 "late.${name#*.}"
done
# opusinfo exits with 1 where it has a warning to give.
{ timeout 30 opusinfo late.opus || true; } | sed -n 's/.*Playback length: //p' >opusinfo.txt
for name in late.opus late.ogg; do
  timeout 30 ffprobe -v error -show_entries format=duration -of csv=p=0 "$name"
done >ffprobe.txt

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parseFile } from "music-metadata";

const seconds = async (name) => (await parseFile(name, { duration: true })).format.duration;
const seen = {
  begin: [await seconds("begin.opus"), await seconds("begin.ogg")],
  late: [await seconds("late.opus"), await seconds("late.ogg")],
  ffmpeg: readFileSync("ffprobe.txt", "utf8").trim().split("\n").map(Number),
  opusinfo: readFileSync("opusinfo.txt", "utf8").trim(),
};
console.log("expected: 4 s, wherever the positions begin (Opus, Vorbis)");
console.log(`seen:     music-metadata ${seen.late.join(", ")} s (from 0: ${seen.begin.join(", ")} s); FFmpeg ${seen.ffmpeg.join(", ")} s; opusinfo ${seen.opusinfo}`);

const near = (value, wanted) => Math.abs(value - wanted) < 0.1;
const same =
  seen.begin.every((value) => near(value, 4)) && seen.late.every((value) => near(value, 3604)) &&
  near(seen.ffmpeg[0], 3604) && near(seen.ffmpeg[1], 4) && /^0m:0?[34]/.test(seen.opusinfo);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
