#!/usr/bin/env bash
# node-timecodes has two commands, whose help reads "timecodeFromSeconds seconds [frameRate]" and
# "timecodeToSeconds timecode [frameRate]".
# Expected: half a second at 50 frames a second is frame 25, and frame 25 is half a second.
# What happens: timecodeToSeconds counts at 50, timecodeFromSeconds at 25 whatever is said: it hands the text "50" to a
# function that looks for { frameRate } in it. No error.
# Why it matters: a cut list that goes from seconds to timecodes and back is off by up to half a second at each mark.
# Source: the commands' own help (called without arguments).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts node-timecodes@2.5.0
echo "versions: node-timecodes 2.5.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { execFileSync, spawnSync } from "node:child_process";

const run = (command, ...words) => execFileSync(`node_modules/.bin/${command}`, words, { encoding: "utf8" }).trim();
const help = spawnSync("node_modules/.bin/timecodeFromSeconds", [], { encoding: "utf8" });
console.log("help:    ", help.stdout.trim());
const seen = [run("timecodeFromSeconds", "10.5", "50"), run("timecodeToSeconds", "00:00:10:25", "50")];
console.log("expected: 00:00:10:25 and 10.5");
console.log("seen:    ", seen.join(" and "));
const same = seen.join(" ") === "00:00:10:12 10.5" && help.stdout.includes("seconds [frameRate]");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
