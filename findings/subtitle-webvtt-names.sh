#!/usr/bin/env bash
# WebVTT has cues with names, STYLE blocks before the cues, and lets a tab stand around the arrow.
# Expected: subtitle, whose readme says that it parses WebVTT, gives the cue.
# What happens: each of the three ends with an error; only numbers are taken for names, as in SubRip.
# Why it matters: captions that every browser shows (chapters above all, whose cues have names) stop
# the program that was to convert them.
# Source: WebVTT, section 4.1 (cue identifier, STYLE block, cue timings) and 6.1 (parser).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts subtitle@4.2.2 webvtt-parser@2.2.0
echo "versions: subtitle 4.2.2, webvtt-parser 2.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parseSync } from "subtitle";
import webvtt from "webvtt-parser";

const cue = "00:01.000 --> 00:02.500\nhello\n";
const files = {
  "a number": `WEBVTT\n\n1\n${cue}`,
  "a name": `WEBVTT\n\nintroduction\n${cue}`,
  "a STYLE block": `WEBVTT\n\nSTYLE\n::cue { color: red }\n\n${cue}`,
  "tabs around the arrow": `WEBVTT\n\n00:01.000\t-->\t00:02.500\nhello\n`,
};
const seen = [];
for (const [name, file] of Object.entries(files)) {
  const { cues, errors } = new webvtt.WebVTTParser().parse(file);
  let found;
  try {
    found = parseSync(file).filter((node) => node.type === "cue").map((node) => node.data.text).join();
  } catch (error) {
    found = `error: ${error.message.slice(0, 30)}`;
  }
  console.log(`expected: ${name}: ${cues.map((one) => one.text).join()}, ${errors.length} errors (webvtt-parser)`);
  console.log(`seen:     ${name}: ${JSON.stringify(found)}`);
  seen.push(found.slice(0, 5), cues.length, errors.length);
}
const same = seen.join() === "hello,1,0,error,1,0,error,1,0,error,1,0";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
