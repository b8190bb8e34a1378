#!/usr/bin/env bash
# SCTE 35 shows a splice_insert as an example (base64), with all of its fields spelled out: out of
# the network at PTS 0x07369C02E, for 0x0052CCF5 ticks of 90 kHz (60.3 s), returning by itself.
# Expected: the npm package scte35 reads these numbers.
# What happens: its main file asks for "lib/scte35", which isn't there, so it can only be used through a
# bundler, by its build folder. There it takes the splice time from the wrong place: no time at
# all, and what follows is read four bytes too early, 67,435 s without return. (time_signal works.)
# Why it matters: of the two commands that start adverts, the older and more common one comes out
# with every number wrong, and a line on the console at most.
# Source: SCTE 35, 9.7.3 (splice_insert) and section 14 (sample messages).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund scte35@0.2.4 esbuild@0.25.12
echo "versions: scte35 0.2.4, Node $(node --version)"
main=loads
node -e 'require("scte35")' 2>/dev/null || main="doesn't load"
echo "expected: require(\"scte35\") loads"
echo "seen:     require(\"scte35\") $main"
timeout 60 node_modules/.bin/esbuild node_modules/scte35/build/lib/scte35.js --bundle --format=esm \
  --outfile=scte35.mjs --log-level=error

cat >probe.mjs <<'JS'
import { SCTE35 } from "./scte35.mjs";

console.error = (text) => console.log("console: ", text);
const base64 = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=";
const { spliceCommand: splice } = SCTE35.parseFromB64(base64);
const seen = { pts: splice.spliceTime.pts, seconds: splice.breakDuration.duration / 90000, autoReturn: splice.breakDuration.autoReturn };
console.log("expected:", JSON.stringify({ pts: 0x7369c02e, seconds: 0x52ccf5 / 90000, autoReturn: true }));
console.log("seen:    ", JSON.stringify(seen));
const same = seen.pts === undefined && seen.seconds > 60000 && seen.autoReturn === false && process.argv[2] === "doesn't load";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs "$main"
