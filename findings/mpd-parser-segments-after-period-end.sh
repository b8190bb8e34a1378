#!/usr/bin/env bash
# A live MPD with two Periods: the first has ended (start 0 s, duration 50 s), the second
# began at 50 s; both name their segments by $Number$ and @duration. It is read at 60 s.
# Expected: segments of the first Period up to 50 s, then those of the second.
# What happens: mpd-parser goes on counting in the ended Period up to now: five segments
# that never existed (50 to 60 s), at the same times as the second Period's real ones.
# Why it matters: a stream that starts a new Period when its encoder restarts or its
# picture changes size makes such readers ask for files that are not there, and play
# nothing of what is.
# Source: ISO/IEC 23009-1, 5.3.2.1 (a Period's extent) and 5.3.9.5 (segment information);
# DASH-IF IOP, "Segment availability".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mpd-parser@1.4.0
echo "versions: mpd-parser 1.4.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parse } from "mpd-parser";

const video = (prefix) => `
  <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
    <SegmentTemplate timescale="1000" duration="2000" media="${prefix}-$Number$.m4s" initialization="${prefix}.mp4"/>
    <Representation id="v" bandwidth="1000000" codecs="avc1.64001f" width="1280" height="720"/>
  </AdaptationSet>`;
const mpd = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"
  type="dynamic" availabilityStartTime="2026-11-27T10:00:00Z" publishTime="2026-11-27T10:00:50Z"
  minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT20S" minBufferTime="PT2S">
  <Period id="one" start="PT0S" duration="PT50S">${video("one")}</Period>
  <Period id="two" start="PT50S">${video("two")}</Period>
</MPD>`;
const manifest = parse(mpd, {
  manifestUri: "http://127.0.0.1/live.mpd",
  NOW: Date.parse("2026-11-27T10:01:00Z"),
});
const segments = manifest.playlists.flatMap((playlist) => playlist.segments);
const late = segments.filter((segment) => segment.uri.startsWith("one") && segment.presentationTime >= 50);
console.log("expected: no segment of the first Period at or after 50 s");
for (const segment of segments) console.log("seen:    ", segment.uri, `${segment.presentationTime} s`);

const same = late.map((segment) => segment.uri).join() === [26, 27, 28, 29, 30].map((n) => `one-${n}.m4s`).join();
console.log(`${late.length} segments after their Period's end`);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
