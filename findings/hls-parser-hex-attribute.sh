#!/usr/bin/env bash
# A date range may have attributes of its own, "X-...", with numbers, texts or hexadecimal values, as a
# SCTE 35 message of a private kind.
# Expected: hls-parser writes them again as it does SCTE35-OUT, which keeps its value.
# What happens: a hexadecimal value becomes a text of decimal numbers with commas, "252,48,47"; a number above
# 2^53 (they go up to 2^64) is rounded.
# Why it matters: after a proxy built on it the message is no longer one: no decoder knows "252,48,47".
# Source: RFC 8216bis, sections 4.2 (attribute types) and 4.4.5.1 (X-<client-attribute>).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts hls-parser@0.16.1
echo "versions: hls-parser 0.16.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import hls from "hls-parser";

const tag = `#EXT-X-DATERANGE:ID="ad",START-DATE="2026-11-27T10:00:05.000Z",SCTE35-OUT=0xFC302F,X-MESSAGE=0xFC302F,X-TICKS=12345678901234567890`;
const written = hls.stringify(hls.parse(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2026-11-27T10:00:00.000Z
${tag}
#EXTINF:4,
one.ts
`)).split("\n").find((line) => line.startsWith("#EXT-X-DATERANGE"));
const own = (line) => line.slice(line.indexOf("SCTE35"));
console.log("expected:", own(tag));
console.log("seen:    ", own(written));
const same = own(written) === 'SCTE35-OUT=0xFC302F,X-MESSAGE="252,48,47",X-TICKS=12345678901234567000';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
