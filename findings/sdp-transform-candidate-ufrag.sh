#!/usr/bin/env bash
# A browser's trickled candidate ends in extension attributes: "generation 0 ufrag Ab12
# network-id 1 network-cost 10"; each is a name and a value, in any order.
# Expected: sdp-transform reads a description with such a line and writes it back whole.
# What happens: it knows "generation", then only "network-id" and "network-cost" in that
# very place. An ufrag in between cuts off everything from itself on, without an error.
# Why it matters: ufrag tells which generation of ICE a candidate belongs to. After an ICE
# restart over WHIP (a PATCH with ufrag and candidates) old candidates pass for new ones;
# network-cost is lost too, with which Wi-Fi is preferred to a mobile link.
# Source: RFC 8839, section 5.1 (extension-att-name); RFC 9725, section 4.3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts sdp-transform@3.0.0
echo "versions: sdp-transform 3.0.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import * as transform from "sdp-transform";

const start = "a=candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0";
const lines = [
  `${start} generation 0 network-id 1 network-cost 10`,
  `${start} generation 0 ufrag Ab12 network-id 1 network-cost 10`,
  `${start} ufrag Ab12`,
];
const again = (line) => {
  const sdp = [
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "a=mid:0", line, "",
  ].join("\r\n");
  return transform.write(transform.parse(sdp)).split("\r\n").find((text) => text.startsWith("a=candidate"));
};
const lost = lines.map((line) => line.slice(again(line).length).trim());
console.log("expected: nothing is lost of any line");
for (const [at, line] of lines.entries())
  console.log(`seen:     of "…${line.slice(start.length)}" is lost: "${lost[at]}"`);

const same = lost.join("|") === "|ufrag Ab12 network-id 1 network-cost 10|ufrag Ab12";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
