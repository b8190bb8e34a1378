#!/usr/bin/env bash
# timecode-boss makes a timecode of a Date.
# Expected: at 25 frames a second, 40 ms after the second is frame 1, and frames go up with the time.
# What happens: the milliseconds are divided by ten until they are no more than 1: 5, 50 and 500 ms are all half a
# second. In the first tenth of each second the frame is one of 2 to 24; 40 ms gives frame 10, 90 ms gives frame 22.
# Exactly 100 ms is a whole second.
# Why it matters: a clock burnt into a stream, or marks taken from the clock, run forwards, back and forwards
# again in every second.
# Source: timecode-boss's readme (the constructor accepts a Date instance).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts timecode-boss@6.2.0
echo "versions: timecode-boss 6.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import Timecode from "timecode-boss";

const times = [0, 40, 50, 90, 100, 120, 500, 960];
const seen = times.map((ms) => new Timecode(new Date(2026, 0, 1, 0, 0, 0, ms), 25).toString());
const expected = times.map((ms) => `00:00:00:${String(Math.floor((ms * 25) / 1000)).padStart(2, "0")}`);
console.log("ms:      ", times.join(" "));
console.log("expected:", expected.join(" "));
console.log("seen:    ", seen.join(" "));
const same = seen.join(" ") === "00:00:00:00 00:00:00:10 00:00:00:12 00:00:00:22 00:00:01:00 00:00:00:03 00:00:00:12 00:00:00:24";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
