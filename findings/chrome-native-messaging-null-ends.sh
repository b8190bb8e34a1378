#!/usr/bin/env bash
# An extension may send any JSON value to its native host, null too: port.postMessage(null).
# Expected: chrome-native-messaging's Input gives null, or skips it, and goes on with the next message.
# What happens: null is what ends a Node stream: Input ends there as if the browser had closed the pipe, and fails at
# the next message ("stream.push() after EOF").
# Why it matters: a host that ends when its input does, as it should, is gone after one empty answer of the
# extension, and the browser says "Native host has exited."
# Source: Chrome, native messaging (messages are JSON in UTF-8); Node.js, readable.push (null: end of the data).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts chrome-native-messaging@0.2.0
echo "versions: chrome-native-messaging 0.2.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { Input } from "chrome-native-messaging";

process.noDeprecation = true;
const message = (value) => {
  const body = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
};
const take = (values) =>
  new Promise((resolve) => {
    const input = new Input();
    const seen = [];
    input.on("data", (value) => seen.push(JSON.stringify(value)));
    input.on("end", () => seen.push("end"));
    input.on("error", (error) => seen.push(error.message));
    for (const value of values) input.write(message(value));
    setTimeout(() => resolve(seen.join(" ")), 200);
  });
const seen = [await take([0, false, "", { two: 2 }]), await take([{ one: 1 }, null, { two: 2 }])];
console.log('expected: 0 false "" {"two":2}; {"one":1} null {"two":2}, or without null');
console.log(`seen:     ${seen.join("; ")}`);
const same = seen[0] === '0 false "" {"two":2}' && !seen[1].includes("two") && /after EOF|end/.test(seen[1]);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
