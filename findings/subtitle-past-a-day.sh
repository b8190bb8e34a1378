#!/usr/bin/env bash
# A cue 25 hours into a recording; hours in SubRip and WebVTT have two digits or more and no upper bound.
# Expected: subtitle writes 25:00:00,000, and reads it again.
# What happens: it writes 01:00:00,86400000: the day is taken out of the hours and turns up as ms. From 24
# hours on no program reads what it writes.
# Why it matters: captions of streams that run around the clock, or carry the time of day of a broadcast
# that passes midnight, are lost from the second day on.
# Source: WebVTT, section 4.1 (WebVTT timestamp: two or more digits for hours).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts subtitle@4.2.2 subsrt-ts@2.1.2
echo "versions: subtitle 4.2.2, subsrt-ts 2.1.2, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parseSync, stringifySync } from "subtitle";
import { build, parse } from "subsrt-ts";

const text = (start) => ({ type: "cue", data: { start, end: start + 1000, text: "a" } });
const seen = [];
for (const hours of [23, 25]) {
  const start = hours * 3_600_000;
  const written = stringifySync([text(start)], { format: "SRT" }).split("\n")[1];
  const other = build([{ type: "caption", index: 1, start, end: start + 1000, duration: 1000, content: "a", text: "a" }], { format: "srt" }).split("\r\n")[1];
  const again = parse(`1\n${written}\na\n`, { format: "srt" }).map((cue) => cue.start / 3_600_000).join();
  console.log(`expected: ${other} (subsrt-ts), read again as ${hours} h`);
  console.log(`seen:     ${written}, read again as ${again || "nothing"}`);
  seen.push(written.split(" ")[0]);
}
const same = seen.join(" ") === "23:00:00,000 01:00:00,86400000" && parseSync("1\n25:00:00,000 --> 25:00:01,000\na\n")[0].data.start === 90_000_000;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
