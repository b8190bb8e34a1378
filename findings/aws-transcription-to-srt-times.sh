#!/usr/bin/env bash
# A transcript of Amazon Transcribe, whose second word begins at 59.9996 s, becomes SubRip.
# Expected: "00:00:00,500 --> 00:00:01,000" and a second cue from 00:01:00,000, with SubRip's comma before the milliseconds.
# What happens: aws-transcription-to-srt writes WebVTT's dot, and 00:00:60.000: seconds are rounded on their own,
# up to 60. One reader of SubRip finds no cue at all (subtitles-parser), another goes by the dot, as a kindness (srt-parser-2).
# Why it matters: a file named .srt that shows in one player and is empty in the next, without a word when it was written.
# Source: aws-transcription-to-srt's readme (AWS transcription JSON to srt); FFmpeg's and VLC's SubRip (HH:MM:SS,mmm).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts aws-transcription-to-srt@1.0.6 subtitles-parser@0.0.2 srt-parser-2@1.2.3
echo "versions: aws-transcription-to-srt 1.0.6, subtitles-parser 0.0.2, srt-parser-2 1.2.3, Node $(node --version)"

cat >probe.cjs <<'JS'
const convert = require("aws-transcription-to-srt");
const strict = require("subtitles-parser");
const { default: Lenient } = require("srt-parser-2");

const word = (content, start_time, end_time) => ({ type: "pronunciation", start_time, end_time, alternatives: [{ content }] });
const stop = { type: "punctuation", alternatives: [{ content: "." }] };
const file = convert({ results: { items: [word("Hello", "0.5", "1.0"), stop, word("World", "59.9996", "60.4"), stop] } });
const times = file.split("\n").filter((line) => line.includes("-->")).join(" | ");
const right = times.replace("60.000", "59.999").replaceAll(".", ",");
const read = (text) => [strict.fromSrt(text, true).length, new Lenient().fromSrt(text).length].join(" and ");
const [seen, wanted] = [read(file), read(file.replace("60.000", "59.999").replace(/(\d)\.(\d{3})/g, "$1,$2"))];
console.log(`expected: ${right}: ${wanted} cues in subtitles-parser and srt-parser-2`);
console.log(`seen:     ${times}: ${seen} cues`);
const same = times === "00:00:00.500 --> 00:00:01.000 | 00:00:60.000 --> 00:01:00.400" && wanted === "2 and 2" && seen === "0 and 2";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 30 node probe.cjs
