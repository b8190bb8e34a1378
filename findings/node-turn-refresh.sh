#!/usr/bin/env bash
# A TURN client keeps its allocation with a Refresh that asks for 600 s; another sends its Allocate a second time, as
# over UDP it does when the answer didn't come.
# Expected: a lifetime of 600 s, and another with the next Refresh; the same relayed address again.
# What happens: the Refresh is answered with success and a lifetime of 0, and the allocation is gone: the next one gets
# 437, Allocation Mismatch. The Allocate that came again makes another allocation, with another relayed address.
# Why it matters: clients refresh before the ten minutes are over, so that each relayed call ends there; and one lost
# answer leaves a port open that nobody uses.
# Source: RFC 8656, sections 8.2 (lifetime: the lesser of what is asked for and the server's most) and 7.2
# (a retransmission gets the same answer).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts node-turn@0.0.6
echo "versions: node-turn 0.0.6, Node $(node --version)"

cat >server.cjs <<'JS'
const Turn = require("node-turn");
const port = Number(process.argv[2]);
new Turn({ authMech: "none", listeningIps: ["127.0.0.1"], relayIps: ["127.0.0.1"], listeningPort: port }).start();
JS
cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const free = createSocket("udp4").bind(0, "127.0.0.1");
await once(free, "listening");
const { port } = free.address();
free.close();
const server = spawn(process.execPath, ["server.cjs", port], { stdio: "ignore" });

const LIFETIME = 0x000d;
const ERROR_CODE = 0x0009;
const request = (method, attribute, value) => {
  const bytes = Buffer.concat([Buffer.from("000000082112a442", "hex"), randomBytes(12), Buffer.alloc(8)]);
  bytes.writeUInt16BE(method, 0);
  bytes.writeUInt16BE(attribute, 20);
  bytes.writeUInt16BE(4, 22);
  bytes.writeUInt32BE(value, 24);
  return bytes;
};
const allocate = () => request(0x0003, 0x0019, 0x11000000); // REQUESTED-TRANSPORT: UDP
const refresh = () => request(0x0004, LIFETIME, 600);
const RELAYED = 0x0016;
// "600 s", and the relayed port behind it where there is one; or the error's code.
const told = (answer) => {
  if (answer === undefined) return { text: "no answer" };
  const found = {};
  for (let at = 20; at < answer.length; at += 4 + ((answer.readUInt16BE(at + 2) + 3) & ~3)) {
    const type = answer.readUInt16BE(at);
    if (type === LIFETIME) found.text = `${answer.readUInt32BE(at + 4)} s`;
    if (type === ERROR_CODE) found.text = `${answer[at + 6] * 100 + answer[at + 7]}`;
    if (type === RELAYED) found.port = answer.readUInt16BE(at + 6) ^ 0x2112;
  }
  return found;
};
const ask = async (client, bytes) => {
  client.send(bytes, port, "127.0.0.1");
  const answers = once(client, "message", { signal: AbortSignal.timeout(2000) });
  return told((await answers.catch(() => []))[0]);
};
// One client, on a port of its own: what it is told, asking these in turn.
const asks = async (...all) => {
  const client = createSocket("udp4").bind(0, "127.0.0.1");
  await once(client, "listening");
  const seen = [];
  for (const bytes of all) {
    seen.push(await ask(client, bytes));
    await pause(200);
  }
  client.close();
  return seen;
};
try {
  for (let round = 0; round < 10 && (await asks(allocate()))[0].text === "no answer"; round++);
  const twice = allocate();
  const refreshed = (await asks(allocate(), refresh(), refresh())).map((answer) => answer.text).join(", ");
  const [one, two] = await asks(twice, twice);
  const ports = one.port === two.port ? "the same address" : "another address";
  console.log("expected: Allocate, Refresh, Refresh: 600 s, 600 s, 600 s; the Allocate again: the same address");
  console.log(`seen:     ${refreshed}; ${ports}`);
  const same = refreshed === "600 s, 0 s, 437" && ports === "another address" && two.text === "600 s";
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
} finally {
  server.kill("SIGKILL");
}
JS
timeout 60 node probe.mjs
