#!/usr/bin/env bash
# @liveinstantly/dash-mpd-parser reads an MPD and writes it again. A Representation has the id "001",
# another "1e3", and its segments are named by $RepresentationID$.
# Expected: the ids come out as they were: they are strings.
# What happens: what looks like a number is made one: "1" and "1000" are written; an event at 2^53 + 1
# moves by one.
# Why it matters: a manifest that went through a filter asks for files that don't exist.
# Source: ISO/IEC 23009-1, section 5.3.5 (Representation@id is a string without white space) and
# 5.3.9.4.4 ($RepresentationID$ is replaced by it).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @liveinstantly/dash-mpd-parser@0.5.0
echo "versions: @liveinstantly/dash-mpd-parser 0.5.0, Node $(node --version)"

cat >probe.cjs <<'JS'
const { DashMPD } = require("@liveinstantly/dash-mpd-parser");

const given = `<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S" minBufferTime="PT2S"
 profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period id="0">
<EventStream schemeIdUri="urn:example" timescale="90000"><Event presentationTime="9007199254740993"/></EventStream>
<AdaptationSet mimeType="video/mp4"><SegmentTemplate timescale="1" duration="2" startNumber="1"
 media="$RepresentationID$/$Number$.m4s" initialization="$RepresentationID$/init.mp4"/>
<Representation id="001" bandwidth="1000000" codecs="avc1.64001f"/>
<Representation id="1e3" bandwidth="3000000" codecs="avc1.64001f"/>
</AdaptationSet></Period></MPD>`;
const mpd = new DashMPD();
mpd.parse(given);
const values = (text) => [...text.matchAll(/<Representation[^>]* id="([^"]*)"|presentationTime="(\d+)"/g)].map((match) => match[1] ?? match[2]);
const seen = values(mpd.getMPD());
console.log(`expected: ${values(given).join(", ")} (event, ids)`);
console.log(`seen:     ${seen.join(", ")}`);

const same = seen.join() === "9007199254740992,1,1000";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
