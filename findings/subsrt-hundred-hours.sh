#!/usr/bin/env bash
# A cue at 100 hours, and one at 1 s that is moved 2 s towards the front.
# Expected: subsrt-ts reads what it writes; a time before 0 becomes 0, or is refused.
# What happens: it writes 100:00:00.000 (rightly) and doesn't see that cue when it reads it, and it writes
# "0-1:0-1:0-1.000" for a second before 0.
# Why it matters: captions with the time since a channel began vanish at its fifth day, and moving captions by
# a few seconds makes a file that browsers show less of.
# Source: WebVTT, section 4.1 (WebVTT timestamp: two or more digits for hours).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts subsrt-ts@2.1.2 webvtt-parser@2.2.0
echo "versions: subsrt-ts 2.1.2, webvtt-parser 2.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { build, parse, resync } from "subsrt-ts";
import webvtt from "webvtt-parser";

const cue = (start) => ({ type: "caption", index: 1, start, end: start + 1500, duration: 1500, content: "a", text: "a" });
const late = build([cue(360_000_000)], { format: "vtt" });
const moved = build(resync([cue(1000)], -2000), { format: "vtt" });
const umpire = (file) => new webvtt.WebVTTParser().parse(file).cues.length;
const line = (file) => file.split("\r\n").find((one) => one.includes("-->"));
const seen = [line(late), parse(late, { format: "vtt" }).filter((one) => one.type === "caption").length, umpire(late), line(moved), umpire(moved)];
console.log("expected: one cue in both for subsrt-ts and webvtt-parser");
console.log(`seen:     ${seen[0]}: subsrt-ts reads ${seen[1]}, webvtt-parser ${seen[2]}`);
console.log(`seen:     ${seen[3]}: webvtt-parser reads ${seen[4]}`);
const same = seen.join("|") === "100:00:00.000 --> 100:00:01.500|0|1|0-1:0-1:0-1.000 --> 00:00:00.500|0";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
