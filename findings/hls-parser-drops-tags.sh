#!/usr/bin/env bash
# hls-parser is used to read a playlist, change a few addresses and write it out again.
# Expected: tags and attributes that it needn't understand come out as they went in.
# What happens: EXT-X-CONTENT-STEERING, a variant's PATHWAY-ID, a rendition's SAMPLE-RATE,
# EXT-X-BITRATE, CAN-SKIP-DATERANGES and the RECENTLY-REMOVED-DATERANGES of a delta update
# are gone; SKIPPED-SEGMENTS and CAN-SKIP-UNTIL stay.
# Why it matters: with the last two lost, a player asks for the short form of delta updates,
# and is never told which date ranges ended: adverts and chapters stay on screen. Steering
# stops working without an error.
# Source: RFC 8216bis, sections 4.4.3.8, 4.4.4.8, 4.4.5.2 and 4.4.6.6.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts hls-parser@0.16.1
echo "versions: hls-parser 0.16.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import hls from "hls-parser";

const multivariant = `#EXTM3U
#EXT-X-VERSION:12
#EXT-X-CONTENT-STEERING:SERVER-URI="/steering",PATHWAY-ID="A"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Sound",CHANNELS="2",SAMPLE-RATE=48000,URI="a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS="avc1.64001f,mp4a.40.2",AUDIO="a",PATHWAY-ID="A"
v.m3u8
`;
const media = `#EXTM3U
#EXT-X-VERSION:10
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=24,CAN-SKIP-DATERANGES=YES
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-SKIP:SKIPPED-SEGMENTS=3,RECENTLY-REMOVED-DATERANGES="advert"
#EXT-X-BITRATE:1200
#EXTINF:4,
13.mp4
`;
const written = [multivariant, media].map((text) => hls.stringify(hls.parse(text))).join("\n");
const words = [
  "EXT-X-CONTENT-STEERING", "PATHWAY-ID", "SAMPLE-RATE", "EXT-X-BITRATE",
  "CAN-SKIP-DATERANGES", "RECENTLY-REMOVED-DATERANGES",
  "CHANNELS", "CAN-SKIP-UNTIL", "SKIPPED-SEGMENTS",
];
const lost = words.filter((word) => !written.includes(word));
console.log("expected: nothing is lost");
console.log("seen:     lost:", lost.join(", "));

const same = lost.join() === words.slice(0, 6).join();
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
