#!/usr/bin/env bash
# One segment of a live playlist is missing, and EXT-X-GAP says so before it; EXT-X-BITRATE stands before
# the segments that it is true for.
# Expected: @eyevinn/m3u8 writes both tags where it read them.
# What happens: it takes tags that it doesn't know for tags of the whole playlist and writes them at its
# head: the first segment becomes the gap, the missing one a segment like any other.
# Why it matters: after a proxy built on it, players skip a segment that is there and ask
# for one that isn't; two gaps become one.
# Source: RFC 8216bis, sections 4.4.4.7 (EXT-X-GAP) and 4.4.4.8 (EXT-X-BITRATE): media segment tags.
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

const playlist = `#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:4
#EXTINF:4,
one.ts
#EXT-X-BITRATE:500
#EXTINF:4,
two.ts
#EXT-X-GAP
#EXTINF:4,
three.ts
`;
const written = await again(playlist);
// hls-parser reads both, as an umpire.
const gaps = (text) => hls.parse(text).segments.filter((segment) => segment.gap).map((segment) => segment.uri).join();
console.log(`expected: gap ${gaps(playlist)}; EXT-X-BITRATE after one.ts`);
console.log(`seen:     gap ${gaps(written)}; written again:`);
for (const line of written.trim().split("\n")) console.log(`          ${line}`);
const same = gaps(playlist) === "three.ts" && gaps(written) === "one.ts" &&
  written.indexOf("EXT-X-BITRATE") < written.indexOf("one.ts");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
