#!/usr/bin/env bash
# A Low-Latency HLS server answers with a delta update: media sequence 10, EXT-X-SKIP:SKIPPED-SEGMENTS=5, then segments 15 and 16.
# Expected: m3u8parse, which reads EXT-X-SKIP, says that the last segment is 16 and finds it by its number.
# What happens: the last is 11 for it; getSegment(10) is 15.ts, and 16 isn't there. The skipped ones aren't counted.
# Why it matters: a client that blocks for the one after lastMsn() asks for segment 12, which the server answers at
# once with what the client has: it polls without a pause, and shows old segments under new numbers.
# Source: draft-pantos-hls-rfc8216bis, EXT-X-SKIP and "Playlist Delta Updates" (a skipped segment is replaced by the tag, numbers go on).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts m3u8parse@5.0.2
echo "versions: m3u8parse 5.0.2, Node $(node --version)"

cat >probe.mjs <<'JS'
import parse from "m3u8parse";

const playlist = parse(
  [
    "#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-TARGETDURATION:4", "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24",
    "#EXT-X-MEDIA-SEQUENCE:10", "#EXT-X-SKIP:SKIPPED-SEGMENTS=5", "#EXTINF:4,", "15.ts", "#EXTINF:4,", "16.ts", "",
  ].join("\n"),
);
const seen = [playlist.lastMsn(), playlist.getSegment(16)?.uri ?? "none", playlist.getSegment(10)?.uri ?? "none"];
console.log("expected: last 16, segment 16 is 16.ts, segment 10 is none");
console.log(`seen:     last ${seen[0]}, segment 16 is ${seen[1]}, segment 10 is ${seen[2]}`);
console.log("read:     SKIPPED-SEGMENTS", playlist.meta.skip?.get("skipped-segments", "int"));
const same = seen.join(" ") === "11 none 15.ts" && playlist.meta.skip?.get("skipped-segments", "int") === 5;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
