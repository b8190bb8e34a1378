#!/usr/bin/env bash
# A multivariant playlist with an audio rendition named "Director's cut", in a file director's.m3u8.
# Expected: parse-hls gives NAME and URI as they stand.
# What happens: apostrophes are taken out of every value, as if they were quotation marks: the name is "Directors
# cut", the address directors.m3u8.
# Why it matters: the rendition's playlist is asked for under a name that doesn't exist (an apostrophe needs no
# escape in an address), and names in French or Italian come out misspelt.
# Source: RFC 8216, 4.2 (a quoted-string holds any characters but line ends and the double quote).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts parse-hls@1.0.7
echo "versions: parse-hls 1.0.7, Node $(node --version)"

cat >probe.mjs <<'JS'
import * as all from "parse-hls";

const HLS = all.default?.default ?? all.default;
const audio = `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Director's cut",URI="director's.m3u8"`;
const text = ["#EXTM3U", audio, '#EXT-X-STREAM-INF:BANDWIDTH=1000000,AUDIO="a"', "video.m3u8", ""].join("\n");
const { name, uri } = HLS.parse(text).serialize().media.audio[0].media;
console.log(`expected: Director's cut, director's.m3u8`);
console.log(`seen:     ${name}, ${uri}`);
const same = name === "Directors cut" && uri === "directors.m3u8";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
