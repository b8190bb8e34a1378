#!/usr/bin/env bash
# Timecode without drop frames at 29.97, 23.98 or 59.94 frames a second counts each second as 30, 24 or 60
# frames, up to 23:59:59:29; a frame more is 00:00:00:00.
# Expected: smpte-timecode goes on by one frame at any time of the day, as it does at 30.
# What happens: adding anything after 23:58:33:17 wraps round: its day is 86400 times 29.97 frames long, which
# is the length of a day with drop frames. 23:58:33:17 and a frame is 00:00:00:00; 23:59:59:00 and a frame is 00:01:25:13.
# Why it matters: a running clock burnt into a channel of 24 hours jumps each night, a minute and a half
# early, and edit lists made with add() point to the front of the recording.
# Source: SMPTE ST 12-1 (counting of non-drop-frame time code); the readme, which offers dropFrame false for these rates.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts smpte-timecode@1.3.6
echo "versions: smpte-timecode 1.3.6, Node $(node --version)"

cat >probe.mjs <<'JS'
import Timecode from "smpte-timecode";

const next = (text, rate, drop) => new Timecode(text, rate, drop).add(1).toString();
const tries = [
  ["23:58:33:17", 29.97, false, "23:58:33:18"],
  ["23:59:59:00", 29.97, false, "23:59:59:01"],
  ["23:59:59:00", 23.976, false, "23:59:59:01"],
  ["23:59:59:00", 59.94, false, "23:59:59:01"],
  ["23:59:59:00", 30, false, "23:59:59:01"],
  ["23:59:59;00", 29.97, true, "23:59:59;01"],
];
const seen = tries.map(([text, rate, drop]) => next(text, rate, drop));
for (const [index, [text, rate, , expected]] of tries.entries())
  console.log(`${text} + 1 frame at ${rate}: expected ${expected}, seen ${seen[index]}`);
const same = seen.join(" ") === "00:00:00:00 00:01:25:13 00:01:11:01 00:01:25:25 23:59:59:01 23:59:59;01";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
