#!/usr/bin/env bash
# A multivariant playlist gives a variant BANDWIDTH and AVERAGE-BANDWIDTH, both decimal
# integers, and an audio rendition its CHANNELS.
# Expected: m3u8-parser hands over both rates as numbers and keeps CHANNELS.
# What happens: BANDWIDTH and FRAME-RATE are numbers, AVERAGE-BANDWIDTH and SCORE are
# strings, so that sorting by the average puts 900000 above 2500000; CHANNELS,
# SAMPLE-RATE and STABLE-RENDITION-ID of EXT-X-MEDIA are left out altogether.
# Why it matters: a ladder sorted by its average rate starts at the wrong rung, and a
# surround rendition can't be told from the stereo one.
# Source: RFC 8216bis, sections 4.4.6.1 (EXT-X-MEDIA) and 4.4.6.2 (EXT-X-STREAM-INF).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts m3u8-parser@7.2.0
echo "versions: m3u8-parser 7.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { Parser } from "m3u8-parser";

const parser = new Parser();
parser.push(`#EXTM3U
#EXT-X-VERSION:12
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Surround",CHANNELS="6",SAMPLE-RATE=48000,STABLE-RENDITION-ID="s1",URI="a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2500000,FRAME-RATE=30,SCORE=2,CODECS="avc1.64001f,ec-3",AUDIO="a"
high.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=900000,FRAME-RATE=30,SCORE=1,CODECS="avc1.64001e,ec-3",AUDIO="a"
low.m3u8
`);
parser.end();
const { playlists, mediaGroups } = parser.manifest;
const first = playlists[0].attributes;
const seen = {
  types: ["BANDWIDTH", "FRAME-RATE", "AVERAGE-BANDWIDTH", "SCORE"].map((name) => typeof first[name]),
  highestByAverage: [...playlists].sort((a, b) =>
    a.attributes["AVERAGE-BANDWIDTH"] < b.attributes["AVERAGE-BANDWIDTH"] ? 1 : -1,
  )[0].uri,
  audio: Object.keys(mediaGroups.AUDIO.a.Surround).sort(),
};
console.log("expected: four numbers, high.m3u8, and channels among the keys of the rendition");
console.log("seen:    ", JSON.stringify(seen));

const before = {
  types: ["number", "number", "string", "string"],
  highestByAverage: "low.m3u8",
  audio: ["autoselect", "default", "uri"],
};
const same = JSON.stringify(seen) === JSON.stringify(before);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
