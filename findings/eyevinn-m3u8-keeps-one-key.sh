#!/usr/bin/env bash
# A playlist for several DRM systems has one EXT-X-KEY for each before the first segment, told apart by
# KEYFORMAT.
# Expected: @eyevinn/m3u8 writes all of them again.
# What happens: the last is left. (It reads them all: item.get("keys") has both.)
# Why it matters: after a proxy built on it, a stream plays in one family of browsers and is
# encrypted without a key for the others; which one depends on the order of the tags.
# Source: RFC 8216bis, section 4.4.4.4 (several EXT-X-KEY with different KEYFORMAT hold together).
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
const playlist = `#EXTM3U
#EXT-X-VERSION:5
#EXT-X-TARGETDURATION:4
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAAA",KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",KEYFORMATVERSIONS="1"
#EXTINF:4,
one.m4s
`;
const formats = (text) => [...text.matchAll(/KEYFORMAT="([^"]*)"/g)].map((match) => match[1]).join(", ");
const written = await again(playlist);
console.log("expected:", formats(playlist));
console.log("seen:    ", formats(written));
const same = formats(written) === "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
