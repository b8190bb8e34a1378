#!/usr/bin/env bash
# m3u8stream joins the segments of a playlist or manifest into one stream. An MPD with a timescale of
# 48000 names its segments by $Time$.
# Expected: $Time$ is counted in units of the timescale: 0, 96000 and 192000 for segments of 2 s.
# What happens: it is filled in in milliseconds: 0, 2000, 4000. Those files don't exist.
# Why it matters: of such a stream only the first segment is found, unless the timescale happens to be
# 1000.
# Source: ISO/IEC 23009-1, section 5.3.9.4.4 ($Time$: the value of S@t, in units of @timescale).
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

const template = 'timescale="48000" media="$Time$.m4s"';
const line = '<S t="0" d="96000"/><S d="96000"/><S d="96000"/>';
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
    const right = "init.mp4 0.m4s 96000.m4s 192000.m4s";
    const recorded = "init.mp4 0.m4s 2000.m4s 4000.m4s";
    console.log(`expected: ${right}`);
    console.log(`seen:     ${text}`);
    const same = text.trim() === recorded;
    console.log(same ? "as recorded" : "CHANGED: not what was recorded");
    process.exitCode = same ? 0 : 1;
  });
});
JS
timeout 60 node probe.cjs
