#!/usr/bin/env bash
# Clients with several IPv6 addresses ask a TURN server which address they come from: a Binding request each, in a
# network namespace of this script.
# Expected: each is told its own address.
# What happens: fd00::1 is; who has more than one group before the "::" gets no answer: written out, the address
# has too few zeros (groups before the "::" are taken off twice), and the answer is sent there.
# Why it matters: the addresses that providers give out look like that (2001:db8:1:2::3), and these clients find no
# server, without a word in its log; ::1 and fd00::1, which tests use, work.
# Source: RFC 8489, sections 6.3.1.1 (the answer goes to where the request came from) and 14.2; RFC 4291, section 2.2 ("::").
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ip iproute2
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts node-turn@0.0.6
echo "versions: node-turn 0.0.6, Node $(node --version)"

cat >server.cjs <<'JS'
const Turn = require("node-turn");
new Turn({ authMech: "none", listeningIps: ["::1"], relayIps: ["::1"], listeningPort: 3478 }).start();
JS
cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";

const server = spawn(process.execPath, ["server.cjs"], { stdio: "ignore" });
const binding = Buffer.from("000100002112a442b7e7a701bc34d686fa87dfae", "hex");
// The address of the answer's XOR-MAPPED-ADDRESS, in eight groups.
const ask = async (address) => {
  const client = createSocket("udp6").bind(0, address);
  await once(client, "listening");
  client.send(binding, 3478, "::1");
  const [answer] = await once(client, "message", { signal: AbortSignal.timeout(1000) }).catch(() => []);
  client.close();
  if (answer === undefined) return "no answer";
  const value = answer.subarray(28, 44).map((byte, index) => byte ^ binding[4 + index]);
  return Buffer.from(value).toString("hex").match(/.{4}/g).map((group) => Number.parseInt(group, 16).toString(16)).join(":");
};
const clients = process.argv.slice(2);
for (let round = 0; round < 20 && (await ask("::1")) === "no answer"; round++);
const seen = [];
for (const client of clients) seen.push(`${client} is ${await ask(client)}`);
server.kill("SIGKILL");
const expected = ["fd00:0:0:0:0:0:0:1", "no answer", "no answer", "no answer", "fd00:0:0:0:0:0:0:1"];
console.log("expected: each its own address, in eight groups");
console.log(`seen:     ${seen.join("\n          ")}`);
const same = seen.map((line) => line.split(" is ")[1]).join() === expected.join();
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 unshare --net bash -c 'set -e
ip link set lo up
for client in "$@"; do ip -6 address add "$client/128" dev lo nodad; done
node probe.mjs "$@" "$1"' _ fd00::1 2001:db8::1 2001:db8:1:2::3 2001:db8:1::2:3
