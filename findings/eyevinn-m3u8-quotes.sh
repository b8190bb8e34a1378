#!/usr/bin/env bash
# HLS says of each attribute whether its value stands in quotes: numbers, hexadecimal and enumerated words
# don't, texts do.
# Expected: @eyevinn/m3u8 writes attributes as it read them.
# What happens: all of EXT-X-DATERANGE but DURATION gets quotes (PLANNED-DURATION, SCTE35-OUT,
# END-ON-NEXT, own numbers), so does VIDEO-RANGE; BYTERANGE of EXT-X-MAP, which has them, loses them.
# Why it matters: an advert's SCTE 35 message in quotes is a text, not a message, and
# decoders of hexadecimal throw at it; strict players refuse the range of the init segment.
# Source: RFC 8216bis, sections 4.2 (attribute types), 4.4.4.5, 4.4.5.1 and 4.4.6.2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @eyevinn/m3u8@0.5.9
echo "versions: @eyevinn/m3u8 0.5.9, Node $(node --version)"

cat >probe.mjs <<'JS'
import { Readable } from "node:stream";
import m3u8 from "@eyevinn/m3u8";

console.error = () => {};
const again = (text) =>
  new Promise((resolve, reject) => {
    const parser = m3u8.createStream();
    parser.on("m3u", (playlist) => resolve(playlist.toString()));
    parser.on("error", reject);
    Readable.from([text]).pipe(parser);
  });
const media = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="all.mp4",BYTERANGE="700@0"
#EXT-X-PROGRAM-DATE-TIME:2026-11-27T10:00:00.000Z
#EXT-X-DATERANGE:ID="ad",CLASS="spot",START-DATE="2026-11-27T10:00:02.000Z",PLANNED-DURATION=59.993,SCTE35-OUT=0xFC30,X-COUNT=3,END-ON-NEXT=YES
#EXTINF:4,
one.m4s
`;
const multivariant = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS="avc1.64001f",VIDEO-RANGE=SDR
video.m3u8
`;
const wanted = /[A-Z0-9-]+=("[^"]*"|[^,\n]*)/g;
const attributes = (text) => (text.match(wanted) ?? []).filter((one) => /^(PLANNED|SCTE|X-|END-ON|VIDEO-R|BYTE)/.test(one)).sort();
const before = [...attributes(media), ...attributes(multivariant)];
const after = [...attributes(await again(media)), ...attributes(await again(multivariant))];
console.log("expected:", before.join(" "));
console.log("seen:    ", after.join(" "));
const same = after.join(" ") ===
  'BYTERANGE=700@0 END-ON-NEXT="YES" PLANNED-DURATION="59.993" SCTE35-OUT="0xFC30" X-COUNT="3" VIDEO-RANGE="SDR"';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
