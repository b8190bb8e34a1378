#!/usr/bin/env bash
# A playlist may carry any number of EXT-X-DATERANGE tags before a segment: an advert's
# start and a chapter's title at the same place, or one tag that adds to another's ID.
# Expected: hls-parser reads them all, and writes them all again.
# What happens: of the tags that stand between two segments only the last is kept; the
# others are gone from the object and from stringify's text, without a word.
# Why it matters: a proxy that rewrites addresses with hls-parser (parse, change, stringify)
# loses events that viewers should have seen. m3u8-parser keeps all three.
# Source: RFC 8216bis, section 4.4.5.1 (EXT-X-DATERANGE).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts \
  hls-parser@0.16.1 m3u8-parser@7.2.0
echo "versions: hls-parser 0.16.1, m3u8-parser 7.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import hls from "hls-parser";
import { Parser } from "m3u8-parser";

const playlist = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2026-11-27T10:00:00.000Z
#EXTINF:4,
0.ts
#EXT-X-DATERANGE:ID="advert",START-DATE="2026-11-27T10:00:04.000Z",DURATION=4,X-WHO="a"
#EXT-X-DATERANGE:ID="chapter",START-DATE="2026-11-27T10:00:05.000Z",X-TITLE="two"
#EXT-X-DATERANGE:ID="note",START-DATE="2026-11-27T10:00:06.000Z",X-TEXT="three"
#EXTINF:4,
1.ts
#EXT-X-ENDLIST
`;
const ids = (text) => [...text.matchAll(/DATERANGE:ID="(\w+)"/g)].map((match) => match[1]);
const parser = new Parser();
parser.push(playlist);
parser.end();
const seen = {
  "in the text": ids(playlist),
  "hls-parser, written again": ids(hls.stringify(hls.parse(playlist))),
  "m3u8-parser": parser.manifest.dateRanges.map((range) => range.id),
};
console.log("expected: three names in each line");
for (const [who, names] of Object.entries(seen)) console.log("seen:    ", who, names.join(" "));

const same = seen["hls-parser, written again"].join() === "note" && seen["m3u8-parser"].length === 3;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
