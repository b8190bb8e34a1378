#!/usr/bin/env bash
# An EventStream may have a presentationTimeOffset, as segments have: an encoder whose
# clock stands at 2 s when the Period begins writes 2000, and 3000 for an event one second in.
# Expected: mpd-parser says that the event is at 1 s.
# What happens: it says 3 s; the offset is handed over beside it and not subtracted. dash.js
# 5.2 and Shaka 5.2 both put the same event at 1 s.
# Why it matters: with mpd-parser (and what is built on it, as Video.js) adverts and marks
# come late by the age of the encoder's clock: hours, on a stream with wall-clock times.
# Source: ISO/IEC 23009-1, 5.10.2.2, table of EventStream (@presentationTimeOffset).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mpd-parser@1.4.0
echo "versions: mpd-parser 1.4.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parse } from "mpd-parser";

const mpd = (offset) => `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"
  type="static" mediaPresentationDuration="PT8S" minBufferTime="PT2S">
  <Period start="PT0S">
    <EventStream schemeIdUri="urn:example:marks" timescale="1000" ${offset}>
      <Event id="1" presentationTime="3000" duration="500">mark</Event>
    </EventStream>
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" duration="2000" presentationTimeOffset="2000" media="$Number$.m4s" initialization="i.mp4"/>
      <Representation id="v" bandwidth="1000000" codecs="avc1.64001f" width="1280" height="720"/>
    </AdaptationSet>
  </Period>
</MPD>`;
const at = (offset) => parse(mpd(offset), { manifestUri: "http://127.0.0.1/a.mpd" }).eventStream[0].start;
const seen = [at(""), at('presentationTimeOffset="2000"')];
console.log("expected: 3 s without an offset, 1 s with an offset of 2 s");
console.log(`seen:      ${seen[0]} s without an offset, ${seen[1]} s with an offset of 2 s`);

const same = seen.join() === "3,3";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
