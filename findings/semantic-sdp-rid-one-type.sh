#!/usr/bin/env bash
# Simulcast names its layers with a=rid, which may be bound to payload types: "a=rid:h send pt=96".
# Expected: semantic-sdp reads it, as it reads "pt=96,97" and "max-width=1280".
# What happens: with a single type, the usual case, the whole SDP is refused: "list[k].split is not a function".
# (It builds on an sdp-transform that turns the lone 96 into a number.)
# Why it matters: offers of clients that bind layers to a codec end at the server with an error that
# names neither the line nor the attribute.
# Source: RFC 8851, sections 4 and 10 (pt= with one or more payload types).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts semantic-sdp@3.31.1 sdp-transform@3.0.0
echo "versions: semantic-sdp 3.31.1, sdp-transform 3.0.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import semantic from "semantic-sdp";
import transform from "sdp-transform";

const hash = Array.from({ length: 32 }, () => "AB").join(":");
const offer = (restriction) => [
  "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "c=IN IP4 0.0.0.0", "a=mid:0",
  "a=sendonly", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901", `a=fingerprint:sha-256 ${hash}`, "a=setup:actpass",
  "a=rtcp-mux", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 H264/90000", `a=rid:h send${restriction}`, "a=rid:l send", "a=simulcast:send h;l", "",
].join("\r\n");
const seen = [];
for (const restriction of ["", " max-width=1280", " pt=96,97", " pt=96"]) {
  const wanted = transform.parse(offer(restriction)).media[0].rids.length;
  let found;
  try {
    found = semantic.SDPInfo.parse(offer(restriction)).toString().match(/a=rid:h.*/)[0].trim();
  } catch (error) {
    found = error.message;
  }
  console.log(`expected: a=rid:h send${restriction} (sdp-transform: ${wanted} rids)`);
  console.log(`seen:     ${found}`);
  seen.push(found === `a=rid:h send${restriction}` ? "same" : found);
}
const same = seen.join() === "same,same,same,list[k].split is not a function";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
