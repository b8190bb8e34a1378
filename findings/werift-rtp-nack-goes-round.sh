#!/usr/bin/env bash
# A NACK asks for the packets 65535, 0 and 1: the first by number, the others by bits, over the point
# where sequence numbers go round.
# Expected: lost packets 65535, 0, 1.
# What happens: werift-rtp lists 65535, 65536, 65537, numbers that no packet has.
# Why it matters: a sender that looks them up finds nothing to send again: losses around each 65536th
# packet stay holes.
# Source: RFC 4585, section 6.2.1 (BLP: bit i stands for the packet PID+i, modulo 2^16).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts werift-rtp@0.8.9
echo "versions: werift-rtp 0.8.9, Node $(node --version)"

cat >probe.cjs <<'JS'
const { RtcpPacketConverter } = require("werift-rtp");

// Sender 1, source 2; bits 0 and 1 stand for the two packets after the first.
const lost = (first) => {
  const packet = Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
  packet.writeUInt16BE(first, 12);
  return RtcpPacketConverter.deSerialize(packet)[0].feedback.lost;
};
const seen = [lost(100), lost(65535)];
console.log("expected: 100 101 102; 65535 0 1");
console.log(`seen:     ${seen.map((numbers) => numbers.join(" ")).join("; ")}`);

const same = seen[0].join() === "100,101,102" && seen[1].join() === "65535,65536,65537";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
