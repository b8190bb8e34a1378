#!/usr/bin/env bash
# m3u8stream joins the segments of a playlist or manifest into one stream. An MPD has six segments,
# written as one S element with r="5".
# Expected: six segments, as r counts the repeats that follow the first.
# What happens: r is taken for the number of segments: five are fetched, no error comes.
# Why it matters: one segment is lost for each run of equal ones, and nothing tells of it.
# Source: ISO/IEC 23009-1, section 5.3.9.6 (SegmentTimeline, S@r).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts m3u8stream@0.8.6
echo "versions: m3u8stream 0.8.6, Node $(node --version)"

cat >probe.cjs <<'JS'
const { createServer } = require("node:http");
const m3u8stream = require("m3u8stream");

const template = 'timescale="1000" media="$Number$.m4s" startNumber="1"';
const line = '<S t="0" d="2000" r="5"/>';
const manifest = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT2S"
 profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period id="0" start="PT0S">
<AdaptationSet mimeType="audio/mp4"><Representation id="a" bandwidth="64000" codecs="opus">
<SegmentTemplate ${template} initialization="init.mp4"><SegmentTimeline>${line}</SegmentTimeline></SegmentTemplate>
</Representation></AdaptationSet></Period></MPD>`;
const server = createServer((request, response) => {
  response.end(request.url.endsWith(".mpd") ? manifest : `${request.url.slice(1)} `);
});
server.listen(0, "127.0.0.1", () => {
  const stream = m3u8stream(`http://127.0.0.1:${server.address().port}/live.mpd`);
  let text = "";
  stream.on("data", (part) => {
    text += part;
  });
  stream.on("end", () => {
    server.close();
    const right = "init.mp4 1.m4s 2.m4s 3.m4s 4.m4s 5.m4s 6.m4s";
    const recorded = "init.mp4 1.m4s 2.m4s 3.m4s 4.m4s 5.m4s";
    console.log(`expected: ${right}`);
    console.log(`seen:     ${text}`);
    const same = text.trim() === recorded;
    console.log(same ? "as recorded" : "CHANGED: not what was recorded");
    process.exitCode = same ? 0 : 1;
  });
});
JS
timeout 60 node probe.cjs
