#!/usr/bin/env bash
# Parts that are pieces of one file say so with BYTERANGE="length@offset", the offset left
# out where a part follows the one before; a hint for a whole file has no range at all.
# Expected: hls-parser writes again what it read, or the same with offsets filled in.
# What happens: BYTERANGE="500" becomes BYTERANGE=500@-1, unquoted and with an offset of
# minus one, and a hint without a range is given BYTERANGE-START=0. (For whole segments
# hls-parser fills the offset in rightly: 500@1000.)
# Why it matters: an LL-HLS proxy made with hls-parser sends players to byte -1, and a hint
# for a whole file turns into a Range request, which caches and blocking servers treat
# differently from a plain one.
# Source: RFC 8216bis, sections 4.4.4.9 (EXT-X-PART, BYTERANGE is a quoted string) and
# 4.4.5.3 (EXT-X-PRELOAD-HINT).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts hls-parser@0.16.1
echo "versions: hls-parser 0.16.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import hls from "hls-parser";

const head = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3
#EXT-X-PART-INF:PART-TARGET=1
#EXT-X-MEDIA-SEQUENCE:7
#EXTINF:4,
#EXT-X-BYTERANGE:1000@0
seven.mp4
#EXTINF:4,
#EXT-X-BYTERANGE:500
seven.mp4
#EXT-X-PART:DURATION=1,URI="eight.mp4",BYTERANGE="1000@0"
#EXT-X-PART:DURATION=1,URI="eight.mp4",BYTERANGE="500"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="nine.0.mp4"
`;
const written = hls.stringify(hls.parse(head)).split("\n");
const seen = written.filter((line) => /BYTERANGE|PRELOAD/.test(line));
console.log('expected: BYTERANGE="500" or BYTERANGE="500@1000" for the second part, a hint without a range');
for (const line of seen) console.log("seen:    ", line);

const same =
  seen.includes("#EXT-X-BYTERANGE:500@1000") &&
  seen.some((line) => line.endsWith("BYTERANGE=500@-1")) &&
  seen.some((line) => line.endsWith("BYTERANGE-START=0"));
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
