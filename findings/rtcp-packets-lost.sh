#!/usr/bin/env bash
# Receiver reports count the packets lost in 24 bits with a sign: duplicates bring it below 0. Reports
# of 300, 5000 and -2 lost packets.
# Expected: 300, 5000, -2.
# What happens: rtp.js keeps twelve bits of it: 300, 904 and 4094; werift-rtp leaves the sign out of
# account, and two packets too many are 16777214 lost ones.
# Why it matters: after minutes of loss the counter starts again at 0 unnoticed, or a sender takes a
# connection that duplicates for one that loses everything, and turns its bit rate down.
# Source: RFC 3550, sections 6.4.1 (cumulative number of packets lost: 24 bits) and A.3 (signed).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts rtp.js@0.15.5 werift-rtp@0.8.9
echo "versions: rtp.js 0.15.5, werift-rtp 0.8.9, Node $(node --version)"

cat >probe.mjs <<'JS'
import { ReceiverReportPacket } from "rtp.js/packets";
import werift from "werift-rtp";

// A receiver report with one block: sender 1, source 2, nothing else of interest.
const report = (lost) => {
  const packet = Buffer.alloc(32);
  packet.set([0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2]);
  packet.writeIntBE(lost, 13, 3);
  return packet;
};
const given = [300, 5000, -2];
const rtpjs = given.map((lost) => {
  const packet = report(lost);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return new ReceiverReportPacket(view).getReports()[0].getTotalLost();
});
const weriftRtp = given.map((lost) => werift.RtcpPacketConverter.deSerialize(report(lost))[0].reports[0].packetsLost);
console.log(`expected: ${given.join(", ")}`);
console.log(`seen:     rtp.js ${rtpjs.join(", ")}; werift-rtp ${weriftRtp.join(", ")}`);

const same = rtpjs.join() === "300,904,4094" && weriftRtp.join() === "300,5000,16777214";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
