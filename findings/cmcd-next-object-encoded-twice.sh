#!/usr/bin/env bash
# CMCD's "nor" names the next object, percent-encoded: nor="..%2F300kbps%2Ftrack.m4v". A proxy reads
# a player's CMCD, adds to it and writes it again.
# Expected: @svta/cml-cmcd decodes what it encodes, so that the same comes out.
# What happens: encodeCmcd encodes the path, decodeCmcd leaves it encoded; each round adds another
# layer: %2F, %252F, %25252F.
# Why it matters: a server that prefetches by decodeCmcd's "nor" asks for ..%2F300kbps%2Ftrack.m4v,
# a file that isn't there; after a proxy even decoding it once doesn't help.
# Source: CTA-5004, table of keys (nor: the value MUST be URLencoded); RFC 3986, section 2.4.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-cmcd@2.7.0
echo "versions: @svta/cml-cmcd 2.7.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { decodeCmcd, encodeCmcd } from "@svta/cml-cmcd";

const rounds = [encodeCmcd({ nor: "../300kbps/track.m4v" }, { version: 1 })];
while (rounds.length < 3) rounds.push(encodeCmcd(decodeCmcd(rounds.at(-1)), { version: 1 }));
const read = decodeCmcd(rounds[0]).nor;
console.log('expected: "../300kbps/track.m4v" when read, the same text in each round');
console.log(`seen:     "${read}" when read, ${rounds.join(", ")}`);
const same = read === "..%2F300kbps%2Ftrack.m4v" && rounds[2] === 'nor="..%25252F300kbps%25252Ftrack.m4v"';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
