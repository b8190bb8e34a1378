#!/usr/bin/env bash
# A recording is one file and a playlist of byte ranges: 1000@0, then 500 and 700, which follow on.
# Expected: m3u8-file-parser gives them the offsets 1000 and 1500, or leaves the offset out.
# What happens: both have the offset 0, as if "@0" had been written.
# Why it matters: a downloader fetches the front of the file again and again; nothing in its result
# tells a range that follows on from one that begins at 0.
# Source: RFC 8216, 4.3.2.2 (without o the range begins at the byte after the previous one).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts m3u8-file-parser@0.2.4
echo "versions: m3u8-file-parser 0.2.4, Node $(node --version)"

cat >probe.mjs <<'JS'
import M3U8FileParser from "m3u8-file-parser";

const read = (...lines) => {
  const parser = new M3U8FileParser();
  parser.read(["#EXTM3U", "#EXT-X-VERSION:4", ...lines].join("\n"));
  return parser.getResult().segments;
};
const range = (text) => ["#EXTINF:4,", `#EXT-X-BYTERANGE:${text}`, "all.ts"];
const ranges = read("#EXT-X-TARGETDURATION:4", ...range("1000@0"), ...range("500"), ...range("700"), "#EXT-X-ENDLIST")
  .map(({ byteRange }) => `${byteRange.length}@${byteRange.offset}`).join(" ");
console.log("expected: 1000@0 500@1000 700@1500");
console.log("seen:    ", ranges);
const same = ranges === "1000@0 500@0 700@0";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
