#!/usr/bin/env bash
# RTP packets with what most have today: a header extension, padding at the end, contributing sources.
# Expected: the payload without them, and the sources' numbers (werift-rtp gives that).
# What happens: rtp-parser says that there is an extension or padding, but leaves both in the payload, and
# reads the contributing sources three bytes too early.
# Why it matters: every packet of a browser has a header extension: what is handed to the decoder begins with be de.
# Source: RFC 3550, section 5.1 (X, P and CSRC); RFC 8285, section 4.2 (one-byte header extension).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts rtp-parser@1.0.0 werift-rtp@0.8.9
echo "versions: rtp-parser 1.0.0, werift-rtp 0.8.9, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parseRtpPacket } from "rtp-parser";
import { RtpPacket } from "werift-rtp";

// Sequence number 1, timestamp 100, SSRC 42, payload aabbcc.
const packets = {
  "no more": "806000010000006400 00002a aabbcc",
  extension: "906000010000006400 00002a bede0001 10ff0000 aabbcc",
  padding: "a06000010000006400 00002a aabbcc 000003",
  sources: "826000010000006400 00002a 00000001 00000002 aabbcc",
};
const show = (payload, sources) => `${Buffer.from(payload).toString("hex")}${sources.length > 0 ? ` of ${sources.join(" and ")}` : ""}`;
const seen = [];
for (const [name, hex] of Object.entries(packets)) {
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  const wanted = RtpPacket.deSerialize(bytes);
  const found = parseRtpPacket(bytes);
  const row = [show(wanted.payload, wanted.header.csrc), show(found.payload, found.csrc)];
  console.log(`expected: ${name}: ${row[0]}`);
  console.log(`seen:     ${name}: ${row[1]}`);
  seen.push(row.join(","));
}
const same = seen.join("|") ===
  "aabbcc,aabbcc|aabbcc,bede000110ff0000aabbcc|aabbcc,aabbcc000003|aabbcc of 1 and 2,aabbcc of 10752 and 256";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
