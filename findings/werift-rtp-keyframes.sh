#!/usr/bin/env bash
# werift-rtp takes H.264 out of RTP and says with isKeyframe where a recording or a viewer may begin.
# An IDR picture alone; one in an aggregate with SPS and PPS (as small pictures are packed); an SEI of
# type 5, as x264 puts its settings into; two slices of P pictures.
# Expected: yes for the two packets with the IDR picture, no for the other three.
# What happens: no for the aggregate, yes for the SEI and for one of the P slices. The second byte is
# compared with 5 too, which only in fragments (FU-A) tells the unit's type.
# Why it matters: a recording may begin in the middle of a group, grey up to the next keyframe; and of
# a sender that aggregates no keyframe is found.
# Source: RFC 6184, sections 5.7.1 (STAP-A) and 5.8 (FU header); ITU-T H.264, table 7-1 (unit types: 5
# is an IDR picture, 6 SEI), annex D.1.1 (SEI of type 5: unregistered user data).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts werift-rtp@0.8.9
echo "versions: werift-rtp 0.8.9, Node $(node --version)"

cat >probe.cjs <<'JS'
const { H264RtpPayload } = require("werift-rtp");

const sps = [0x67, 0x42, 0xc0, 0x1f];
const pps = [0x68, 0xce];
const idr = [0x65, 0x88, 0x84];
const aggregate = (...units) => [0x78, ...units.flatMap((unit) => [0, unit.length, ...unit])];
const packets = {
  "IDR picture": idr,
  "SPS, PPS and IDR picture": aggregate(sps, pps, idr),
  "SEI of type 5": [0x06, 0x05, 0x11, ...Buffer.alloc(16, 0x2a), 0x31, 0x80],
  "P slice, frame 0": [0x41, 0xe0, 0x42, 0x10],
  "P slice, frame 2": [0x41, 0xe5, 0x42, 0x10],
};
const seen = Object.values(packets).map((bytes) => H264RtpPayload.deSerialize(Buffer.from(bytes)).isKeyframe);
const words = (answers) => Object.keys(packets).map((name, index) => `${name}: ${answers[index] ? "yes" : "no"}`).join(", ");
console.log(`expected: ${words([true, true, false, false, false])}`);
console.log(`seen:     ${words(seen)}`);

const same = seen.join() === "true,false,true,false,true";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
