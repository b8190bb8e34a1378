#!/usr/bin/env bash
# SDP lets a media line name several ports in a row, "m=audio 49170/2 RTP/AVP 0", as
# encoders that send layered or multicast RTP write it.
# Expected: sdp-transform reads the port (and its count), or keeps the line as it is.
# What happens: the line doesn't match its pattern, the media section has no type, port or
# protocol, and written again it is "m=undefined NaN undefined ": no error in between.
# Why it matters: a tool that reads an SDP, changes one attribute and writes it again makes
# a description that no receiver takes, and the fault shows up far from its cause.
# Source: RFC 8866, section 5.14 (Media Descriptions, <port>/<number of ports>).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts sdp-transform@3.0.0
echo "versions: sdp-transform 3.0.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import * as transform from "sdp-transform";

const sdp = (ports) =>
  [
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 239.0.0.1/127", "t=0 0",
    `m=audio ${ports} RTP/AVP 0`, "a=rtpmap:0 PCMU/8000", "a=sendonly", "",
  ].join("\r\n");
const mediaLine = (ports) =>
  transform.write(transform.parse(sdp(ports))).split("\r\n").find((line) => line.startsWith("m="));
const seen = [mediaLine("49170"), mediaLine("49170/2")];
console.log('expected: "m=audio 49170 RTP/AVP 0" and "m=audio 49170/2 RTP/AVP 0"');
console.log("seen:    ", seen.map((line) => JSON.stringify(line)).join(" and "));

const same = seen[0] === "m=audio 49170 RTP/AVP 0" && seen[1].trim() === "m=undefined NaN undefined";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
