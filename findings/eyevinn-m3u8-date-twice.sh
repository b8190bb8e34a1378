#!/usr/bin/env bash
# EXT-X-PROGRAM-DATE-TIME holds for the segment that follows. It may stand before or after that
# segment's EXTINF, as long as it is before its address.
# Expected: @eyevinn/m3u8 gives the date to that segment.
# What happens: where it stands after EXTINF, the segment after it gets the same date too: its clock
# stands still for a segment and no longer fits what follows.
# Why it matters: players place segments by these dates (hls.js aligns renditions with them); from there
# on everything is a segment's length early.
# Source: RFC 8216bis, sections 4.4.4 (media segment tags apply to the next segment) and 4.4.4.6.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @eyevinn/m3u8@0.5.9 hls-parser@0.16.1
echo "versions: @eyevinn/m3u8 0.5.9, hls-parser 0.16.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import { Readable } from "node:stream";
import m3u8 from "@eyevinn/m3u8";

console.error = () => {};
const again = (text) =>
  new Promise((resolve, reject) => {
    const parser = m3u8.createStream();
    parser.on("m3u", (playlist) => resolve(playlist.toString()));
    parser.on("error", reject);
    Readable.from([text]).pipe(parser);
  });
import hls from "hls-parser";

const playlist = (first, second) => `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:4
${first}
${second}
one.ts
#EXTINF:4,
two.ts
`;
const date = "#EXT-X-PROGRAM-DATE-TIME:2026-11-27T10:00:00.000Z";
// hls-parser reads what was given and what was written, as an umpire.
const dates = (text) => hls.parse(text).segments.map((segment) => segment.programDateTime?.toISOString().slice(11, 19) ?? "none").join(", ");
const seen = [];
for (const [place, text] of [["before", playlist(date, "#EXTINF:4,")], ["after", playlist("#EXTINF:4,", date)]]) {
  const written = dates(await again(text));
  console.log(`expected: date ${place} EXTINF: ${dates(text)} (one.ts, two.ts)`);
  console.log(`seen:     date ${place} EXTINF: ${written}`);
  seen.push(written);
}
const same = seen.join("|") === "10:00:00, none|10:00:00, 10:00:00";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
