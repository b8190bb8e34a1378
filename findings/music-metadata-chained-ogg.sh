#!/usr/bin/env bash
# An Ogg file of two links, 4 s and 3 s long, one after the other: what an Icecast listener saves when
# a new title begins.
# Expected: 7 s, or no duration at all.
# What happens: music-metadata says 4 s and no word of the rest; the bit rate is that of both links'
# bytes over the first's 4 s, so nearly twice what it is.
# Why it matters: of an hour of radio only the first title's length is counted, and a file that is
# sorted or refused by its rate is judged by a wrong one.
# Source: RFC 3533, section 4 (chaining); RFC 7845, section 3 (each link with headers of its own).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts music-metadata@11.16.1
echo "versions: music-metadata 11.16.1, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
sound() { timeout 30 ffmpeg -nostdin -v error -f lavfi -i "sine=r=48000:d=$1" -c:a libopus -b:a 64k "$2"; }
sound 4 first.opus
sound 3 second.opus
cat first.opus second.opus >both.opus
decoded=$(timeout 30 ffmpeg -nostdin -v quiet -i both.opus -f s16le -ac 1 -ar 48000 - | wc -c)
echo "decoded by FFmpeg: $((decoded / 96)) ms"

cat >probe.mjs <<'JS'
import { parseFile } from "music-metadata";

const read = async (name) => (await parseFile(name, { duration: true })).format;
const [first, second, both] = [await read("first.opus"), await read("second.opus"), await read("both.opus")];
const words = ({ duration, bitrate }) => `${duration} s at ${Math.round(bitrate / 1000)} kbit/s`;
console.log(`alone:    ${words(first)} and ${words(second)}`);
console.log("expected: 7 s at about the same rate");
console.log(`seen:     ${words(both)}`);

const same = first.duration === 4 && second.duration === 3 && both.duration === 4 && both.bitrate > 1.6 * first.bitrate;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
