#!/usr/bin/env bash
# After an advert a playlist goes on with EXT-X-DISCONTINUITY and, as is usual, a new EXT-X-PROGRAM-DATE-TIME.
# Expected: m3u8parse's dateForMsn gives that date for the segment, 4 s more for the one after it, and msnForDate finds them.
# What happens: no date for either, and -1. Looking for the last date, it ends its search at a discontinuity
# before it has looked at the date of that very segment; msnForDate wipes the date that it just took over.
# Why it matters: from the first advert on, whoever seeks by clock time, cuts a programme out of a recording or
# lines two renditions up by their dates finds nothing.
# Source: RFC 8216, 4.3.2.6 (EXT-X-PROGRAM-DATE-TIME: the date of the first sample of the segment that follows).
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
    "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:4", "#EXT-X-MEDIA-SEQUENCE:10",
    "#EXT-X-PROGRAM-DATE-TIME:2026-11-27T12:00:00.000Z", "#EXTINF:4,", "10.ts",
    "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME:2026-11-27T12:05:00.000Z", "#EXTINF:4,", "11.ts", "#EXTINF:4,", "12.ts", "",
  ].join("\n"),
);
const dates = [10, 11, 12].map((number) => playlist.dateForMsn(number)?.toISOString().slice(11, 19) ?? "none");
const found = ["12:00:01", "12:05:01", "12:05:05"].map((time) => playlist.msnForDate(new Date(`2026-11-27T${time}Z`)));
console.log("expected: 12:00:00 12:05:00 12:05:04, segments 10 11 12");
console.log(`seen:     ${dates.join(" ")}, segments ${found.join(" ")}`);
const same = `${dates.join(" ")} ${found.join(" ")}` === "12:00:00 none none 10 -1 -1";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
