#!/usr/bin/env bash
# A station sends the title "Rock &amp; Roll; it's time" and an address with a query of two parts, in quotes as ever.
# Expected: icy's parse gives both as they were sent: a value ends at the quote before a semicolon
# (icecast-metadata-js reads it so).
# What happens: it cuts at every semicolon. The title ends at it, and the rest becomes a field of its own with
# the text "undefined", named " Roll".
# Why it matters: titles with a semicolon, or with "&amp;" for &, are cut, and fields appear that nobody sent.
# Source: icy's readme (parse: a metadata buffer to an object); Icecast and Shoutcast write StreamTitle='…';StreamUrl='…';
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts icy@2.1.0 icecast-metadata-js@1.2.9
echo "versions: icy 2.1.0, beside it icecast-metadata-js 1.2.9, Node $(node --version)"

cat >probe.mjs <<'JS'
import { IcecastMetadataReader } from "icecast-metadata-js";
import icy from "icy";

const sent = { StreamTitle: "Rock &amp; Roll; it's time", StreamUrl: "http://radio.example/?a=1;b=2" };
const text = `StreamTitle='${sent.StreamTitle}';StreamUrl='${sent.StreamUrl}';`;
const size = Math.ceil(text.length / 16);
const block = Buffer.alloc(size * 16);
block.write(text);

// The other reader wants a stream: 10 bytes of sound, the block's length in 16 bytes, the block.
const reader = new IcecastMetadataReader({ icyMetaInt: 10, metadataTypes: ["icy"] });
const stream = Buffer.concat([Buffer.alloc(10), Buffer.from([size]), block, Buffer.alloc(10)]);
const other = [...reader.iterator(new Uint8Array(stream))].find(({ metadata }) => metadata)?.metadata;
const seen = JSON.stringify(icy.parse(block));
console.log(`expected: ${JSON.stringify(sent)}`);
console.log(`seen:     icy: ${seen}`);
console.log(`seen:     icecast-metadata-js: ${JSON.stringify(other)}`);
const recorded =
  seen.startsWith(`{"StreamTitle":"Rock &amp"," Roll":"undefined"," it's time'":"undefined","StreamUrl":"http://radio.example/?a=1"`) &&
  JSON.stringify(other) === JSON.stringify(sent);
console.log(recorded ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = recorded ? 0 : 1;
JS
timeout 60 node probe.mjs
