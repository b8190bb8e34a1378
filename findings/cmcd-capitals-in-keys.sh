#!/usr/bin/env bash
# CMCD's own examples have keys with capitals: com.example-myStringKey="myStringValue". Its syntax is that
# of Structured Fields, whose keys are lower case only.
# Expected: one side gives way: @svta/cml-cmcd (from which hls.js, dash.js have their CMCD)
# reads and writes the example.
# What happens: reading, it throws the whole string away because of one such key; writing, it leaves the key
# out without a word.
# Why it matters: own keys named as in the examples never arrive; and a server that reads with it loses session
# and bit rate of players that send them.
# Source: CTA-5004 (examples of custom keys); RFC 8941, section 3.2 (keys of dictionaries).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-cmcd@2.7.0
echo "versions: @svta/cml-cmcd 2.7.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { decodeCmcd, encodeCmcd } from "@svta/cml-cmcd";

const read = (text) => {
  try {
    return JSON.stringify(decodeCmcd(text));
  } catch (error) {
    return `${error.name ?? "error"}: failed`;
  }
};
const write = (data) => encodeCmcd(data, { version: 1 });
const seen = [
  read('br=3200,com.example-mystringkey="myStringValue"'),
  read('br=3200,com.example-myStringKey="myStringValue"'),
  write({ br: 3200, "com.example-mystringkey": "myStringValue" }),
  write({ br: 3200, "com.example-myStringKey": "myStringValue" }),
];
console.log("expected: read and written alike in lower case and with capitals");
for (const [index, what] of ["read, lower case", "read, capitals", "written, lower case", "written, capitals"].entries())
  console.log(`seen:     ${what}: ${seen[index]}`);
const same = seen[0].includes("3200") && seen[1].includes("failed") &&
  seen[2] === 'br=3200,com.example-mystringkey="myStringValue"' && seen[3] === "br=3200";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
