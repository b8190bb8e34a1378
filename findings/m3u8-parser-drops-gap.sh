#!/usr/bin/env bash
# A missing segment is marked with EXT-X-GAP so that a player doesn't ask for it.
# Expected: m3u8-parser gives such a segment a mark, as it does for GAP=YES of a part.
# What happens: the segment comes out as an ordinary one, address and all; only parts
# keep their mark. hls-parser, given the same text, says gap: true.
# Why it matters: whoever builds a player, a recorder or a check on m3u8-parser fetches
# a file that the publisher said isn't there, and reports a 404 that is no fault.
# Source: RFC 8216bis, section 4.4.4.7 (EXT-X-GAP) and 4.4.4.9 (EXT-X-PART, GAP).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts \
  m3u8-parser@7.2.0 hls-parser@0.16.1
echo "versions: m3u8-parser 7.2.0, hls-parser 0.16.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import { Parser } from "m3u8-parser";
import hls from "hls-parser";

const playlist = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3
#EXT-X-PART-INF:PART-TARGET=1
#EXT-X-MEDIA-SEQUENCE:10
#EXTINF:4,
ten.mp4
#EXT-X-GAP
#EXTINF:4,
eleven.mp4
#EXTINF:4,
twelve.mp4
#EXT-X-PART:DURATION=1,URI="thirteen.0.mp4",GAP=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="thirteen.1.mp4"
`;

const parser = new Parser();
parser.push(playlist);
parser.end();
const { segments, preloadSegment } = parser.manifest;
const seen = {
  "m3u8-parser, segment": segments.map((segment) => segment.gap ?? null),
  "m3u8-parser, part": preloadSegment.parts.map((part) => part.gap ?? null),
  "hls-parser, segment": hls.parse(playlist).segments.slice(0, 3).map((segment) => segment.gap ?? null),
};
console.log('expected: "m3u8-parser, segment" is [null,true,null]');
console.log("seen:    ", JSON.stringify(seen));

const before = {
  "m3u8-parser, segment": [null, null, null],
  "m3u8-parser, part": [true],
  "hls-parser, segment": [null, true, null],
};
const same = JSON.stringify(seen) === JSON.stringify(before);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
