#!/usr/bin/env bash
# WebVTT with the times written short, without hours, and settings behind them: "00:01.000 --> 00:02.500 line:0".
# Expected: from 1000 to 2500 ms, whatever the settings; so it is with hours in front.
# What happens: the colons of the settings count as the time's: with line:0 the cue lasts to 120000 ms, with
# position:10% to 120010, with align:start to NaN.
# Why it matters: many writers leave the hours out, FFmpeg among them; one line placed at the top then stays for two minutes
# over all that follow.
# Source: WebVTT, section 4.1 (a timestamp's hours may be left out) and 4.4 (cue settings).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @plussub/srt-vtt-parser@2.0.5
echo "versions: @plussub/srt-vtt-parser 2.0.5, Node $(node --version)"

cat >probe.cjs <<'JS'
const { parse } = require("@plussub/srt-vtt-parser");
const settings = ["", " line:0", " position:10%", " align:start"];
const end = (hours, setting) => parse(`WEBVTT\n\n${hours}00:01.000 --> ${hours}00:02.500${setting}\nHello\n`).entries[0].to;
const [long, short] = ["00:", ""].map((hours) => settings.map((setting) => end(hours, setting)).join(", "));
console.log("expected: 2500, 2500, 2500, 2500, with hours and without");
console.log(`seen:     ${long} with hours; ${short} without`);
const same = long === "2500, 2500, 2500, 2500" && short === "2500, 120000, 120010, NaN";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
