#!/usr/bin/env bash
# Connectivity checks as ICE sends them, with the right MESSAGE-INTEGRITY and FINGERPRINT, read by webrtc-stun: one with
# USERNAME alone, one with PRIORITY too, and one that nominates with USE-CANDIDATE, which has no value.
# Expected: all three are read, and both sums are found right.
# What happens: the sums are taken of the attributes that it knows, written anew, not of the bytes that came: with
# PRIORITY, which every check has, both are found wrong. With an attribute of length 0 the message isn't read at all.
# Why it matters: a package for WebRTC refuses the checks of every browser; those it wrote itself pass, also in tests.
# Source: RFC 8445, sections 7.1.1 (PRIORITY) and 7.1.2 (USE-CANDIDATE); RFC 8489, sections 14.5 and 14.7 (what the sums are of).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts webrtc-stun@3.0.0 werift-ice@0.2.3
echo "versions: webrtc-stun 3.0.0, beside it werift-ice 0.2.3, Node $(node --version)"

cat >probe.cjs <<'JS'
const { createHmac } = require("node:crypto");
const { crc32 } = require("node:zlib");
const webrtcStun = require("webrtc-stun");
const { parseMessage } = require("werift-ice/lib/ice/src/stun/message");

const key = "VOkJxbRl1RmTxUk/WvJxBt";
const attribute = (type, value) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
};
// The header's length counts what is still to come when a sum is taken.
const packet = (body, toCome) => {
  const head = Buffer.from("000100002112a442b7e7a701bc34d686fa87dfae", "hex");
  head.writeUInt16BE(body.length + toCome, 2);
  return Buffer.concat([head, body]);
};
const check = (...attributes) => {
  let body = Buffer.concat([attribute(0x0006, Buffer.from("evtj:h6vY")), ...attributes]);
  body = Buffer.concat([body, attribute(0x0008, createHmac("sha1", key).update(packet(body, 24)).digest())]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc32(packet(body, 8)) ^ 0x5354554e) >>> 0);
  return packet(Buffer.concat([body, attribute(0x8028, sum)]), 0);
};
console.log = () => undefined; // webrtc-stun says there what it doesn't know
const read = (bytes) => {
  const message = webrtcStun.createBlank();
  if (!message.loadBuffer(bytes)) return "not read";
  return message.isBindingRequest({ fingerprint: true, integrityKey: key }) ? "right" : "wrong";
};
const priority = attribute(0x0024, Buffer.from("6e0001ff", "hex"));
const given = [check(), check(priority), check(priority, attribute(0x0025, Buffer.alloc(0)))];
const seen = given.map(read).join(", ");
const other = given.map((bytes) => (parseMessage(bytes, Buffer.from(key)) ? "right" : "wrong")).join(", ");
console.info("expected: right, right, right");
console.info(`seen:     webrtc-stun: ${seen}; werift-ice: ${other}`);
const same = seen === "right, wrong, not read" && other === "right, right, right";
console.info(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
