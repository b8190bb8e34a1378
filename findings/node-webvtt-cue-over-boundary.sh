#!/usr/bin/env bash
# Captions are cut into segments of 10 s for HLS. One cue lasts from 9.5 to 12 s, the next begins at 25 s.
# Expected: node-webvtt puts the first into both segments that it is shown in, and makes a segment every
# 10 s, empty ones too.
# What happens: each cue is in one segment only, the one it begins in, and where nothing is said for a
# while a segment is as long as the silence: 10 s, then 16 s.
# Why it matters: who starts or seeks to 10 s doesn't see the cue; segments of the captions no longer
# match the video's, as HLS players expect when they load both.
# Source: RFC 8216, section 3.5 (a WebVTT segment must contain all cues to be displayed in its time).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts node-webvtt@2.0.0
echo "versions: node-webvtt 2.0.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import webvtt from "node-webvtt";

const captions = `WEBVTT

00:01.000 --> 00:02.500
one

00:09.500 --> 00:12.000
two

00:25.000 --> 00:26.000
three
`;
const segments = webvtt.hls.hlsSegment(captions, 10).map(({ content }) => content.match(/one|two|three/g)?.join(" ") ?? "none");
const lengths = [...webvtt.hls.hlsSegmentPlaylist(captions, 10).matchAll(/EXTINF:([\d.]+)/g)].map((match) => Number(match[1]));
console.log("expected: one two | two | three; 10, 10 and 6 to 10 s");
console.log(`seen:     ${segments.join(" | ")}; ${lengths.join(", ")} s`);
const same = segments.join("|") === "one two|three" && lengths.join() === "10,16";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
