#!/usr/bin/env bash
# A WebVTT file with three cues and a line end behind the last, as nearly all have.
# Expected: vtt-to-json gives three cues with their texts.
# What happens: the first comes twice, the second time without text, and the third is missing. A cue is stored
# when the next one begins; the last only if its text is the very last line, without a line end behind it.
# Why it matters: the end of every transcript is lost, and because the number of cues is right the loss
# isn't seen by counting.
# Source: WebVTT, section 4.1 (a file may end with any number of line terminators).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts vtt-to-json@0.1.1
echo "versions: vtt-to-json 0.1.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import convert from "vtt-to-json";

const cue = (at, text) => `00:00:0${at}.000 --> 00:00:0${at + 1}.000\n${text}\n`;
const cues = await convert(["WEBVTT\n", cue(1, "first"), cue(3, "second"), cue(5, "third")].join("\n"));
const seen = cues.map(({ start, part }) => `${start} "${part}"`).join(", ");
console.log('expected: 1000 "first", 3000 "second", 5000 "third"');
console.log("seen:    ", seen);
const same = seen === '1000 "first", 1000 "", 3000 "second"';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
