#!/usr/bin/env bash
# A live MPD asks to be fetched five times a second: minimumUpdatePeriod="PT0.2S". Its segments last 0.2 s, too.
# Expected: dash.js fetches it about every 0.2 s, as Shaka does.
# What happens: once a second: whatever the MPD says, a second is the least.
# Why it matters: a segment that the MPD lists only when it is there is found up to a second late: for low latency the
# manifest has to name segments beforehand (a template by number, or a timeline that runs ahead).
# Source: ISO/IEC 23009-1, 5.3.1.2 (MPD@minimumUpdatePeriod: after it, a client that wants new segments fetches the MPD anew).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 dashjs@5.2.1 shaka-player@5.2.12
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=40 -c:v libx264 -profile:v main -level 1.1 -bf 0 -g 5 -keyint_min 5 \
  -sc_threshold 0 -pix_fmt yuv420p -video_track_timescale 1000 -movflags +frag_keyframe+empty_moov+default_base_moof all.mp4

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const boxes = [];
const all = readFileSync("all.mp4");
for (let at = 0; at < all.length; at += all.readUInt32BE(at)) boxes.push([all.toString("latin1", at + 4, at + 8), all.subarray(at, at + all.readUInt32BE(at))]);
const init = Buffer.concat(boxes.filter(([type]) => type === "ftyp" || type === "moov").map(([, bytes]) => bytes));
const segments = boxes.flatMap(([type, bytes], at) => (type === "moof" ? [Buffer.concat([bytes, boxes[at + 1][1]])] : []));

let start = 0;
let asked = [];
// The last 20 of the segments that are there at this moment: one more every 0.2 s, 25 at the start.
const manifest = () => {
  const there = Math.min(segments.length, 25 + Math.floor((Date.now() - start) / 200));
  const first = there - 20;
  return `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="dynamic" minBufferTime="PT0.4S"
 availabilityStartTime="${new Date(start - 5000).toISOString()}" publishTime="${new Date().toISOString()}" minimumUpdatePeriod="PT0.2S"
 timeShiftBufferDepth="PT4S" suggestedPresentationDelay="PT1S"><Period id="0" start="PT0S">
<AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
<SegmentTemplate timescale="1000" media="s$Time$.m4s" initialization="init.mp4"><SegmentTimeline><S t="${first * 200}" d="200" r="19"/></SegmentTimeline></SegmentTemplate>
<Representation id="v" bandwidth="100000" codecs="avc1.4d400b" width="160" height="120"/></AdaptationSet></Period></MPD>`;
};
const files = {
  "dash.js": readFileSync("node_modules/dashjs/dist/modern/umd/dash.all.min.js"),
  "shaka.js": readFileSync("node_modules/shaka-player/dist/shaka-player.compiled.js"),
  "init.mp4": init,
};
const server = createServer((request, response) => {
  const name = new URL(request.url, "http://x").pathname.slice(1);
  if (name === "live.mpd") asked.push(Date.now());
  const segment = /^s(\d+)\.m4s$/.exec(name);
  const body = name === "" ? "<!doctype html>" : name === "live.mpd" ? manifest() : segment ? segments[segment[1] / 200] : files[name];
  if (name === "") response.setHeader("content-type", "text/html");
  response.statusCode = body === undefined ? 404 : 200;
  response.end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--autoplay-policy=no-user-gesture-required"] });
const play = async (library) => {
  const element = document.createElement("video");
  element.muted = true;
  document.body.append(element);
  if (library === "dash.js") dashjs.MediaPlayer().create().initialize(element, new URL("live.mpd", location.href).href, true);
  else {
    const player = new shaka.Player();
    await player.attach(element);
    await player.load("live.mpd");
    element.play().catch(() => {});
  }
  await new Promise((resolve) => setTimeout(resolve, 13_000));
  return element.currentTime;
};
try {
  console.log(`versions: Chromium ${browser.version()}, dash.js 5.2.1, Shaka 5.2.12`);
  console.log("expected: a median of 0.2 s, playing");
  const medians = [];
  for (const [library, script] of [["dash.js", "/dash.js"], ["Shaka", "/shaka.js"]]) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.addScriptTag({ url: script });
    start = Date.now();
    asked = [];
    const at = await page.evaluate(play, library);
    const between = asked.slice(1).map((time, index) => time - asked[index]).sort((one, other) => one - other);
    const median = between[Math.floor(between.length / 2)] / 1000;
    medians.push(at > 5 ? median : Number.NaN);
    console.log(`seen:     ${library}: asked ${asked.length} times in 13 s, a median of ${median.toFixed(2)} s, plays at ${at.toFixed(1)} s`);
    await page.close();
  }
  const same = medians[0] > 0.9 && medians[0] < 1.6 && medians[1] < 0.6;
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
JS
timeout 90 node probe.mjs
