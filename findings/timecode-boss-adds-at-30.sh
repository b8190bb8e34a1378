#!/usr/bin/env bash
# timecode-boss adds frames to timecodes of all common rates, 50, 59.94 and 60 among them.
# Expected: 00:00:10:40 and one frame is 00:00:10:41 at 50 and at 60 frames a second.
# What happens: 00:00:11:11. add() and subtract() begin with a copy, and the copy is counted at 29.97, before the
# rate is taken over: every frame number from 30 up becomes one of the next second. new Timecode(timecode) alone
# does the same. Up to 30 frames a second nothing is wrong.
# Why it matters: sport and games are streamed at 50 and 60; marks that were moved by a frame are 20 or 30
# frames off in two of five or in half of all cases, and taking one away makes them later.
# Source: timecode-boss's readme (constructor: another Timecode instance; add and subtract; tested with 50, 59.94, 60).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts timecode-boss@6.2.0
echo "versions: timecode-boss 6.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import Timecode from "timecode-boss";

const tries = [[25, "00:00:10:20", "00:00:10:21"], [50, "00:00:10:20", "00:00:10:21"], [50, "00:00:10:40", "00:00:10:41"], [60, "00:00:10:40", "00:00:10:41"]];
const seen = tries.map(([rate, text]) => new Timecode(text, rate).add(1).toString());
for (const [index, [rate, text, expected]] of tries.entries())
  console.log(`${text} + 1 frame at ${rate}: expected ${expected}, seen ${seen[index]}`);
const before = new Timecode("00:00:10:40", 50);
const later = before.subtract(1).isAfter(before);
console.log(`a frame taken away, later than before: expected false, seen ${later}`);
const same = seen.join(" ") === "00:00:10:21 00:00:10:21 00:00:11:11 00:00:11:11" && later;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
