#!/usr/bin/env bash
# A DASH recording lacks two seconds (the encoder was away): its SegmentTimeline has S t=0 d=2000,
# then S t=4000 d=2000 r=1; the MPD says 8 s.
# Expected: players show 0 to 2 s, go over the gap, and show 4 to 8 s.
# What happens: Shaka does. dash.js takes the gap for the end: it fetches one segment, sets the
# duration to 2 s and reports "ended".
# Why it matters: a recording with a hole looks short instead of broken, and nobody notices
# that the rest is there; a Period for each run avoids it.
# Source: ISO/IEC 23009-1, 5.3.9.6 (SegmentTimeline: S@t may leave a gap to the one before).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -profile:v main -level 1.1 -bf 0 \
  -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p -video_track_timescale 1000 \
  -movflags +frag_keyframe+empty_moov+default_base_moof all.mp4
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 dashjs@5.2.1 shaka-player@5.2.12

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

// A page of its own on loopback, in headless Chromium; files by name.
async function inPage(files, run) {
  const server = createServer((request, response) => {
    const name = new URL(request.url, "http://x").pathname.slice(1);
    const body = name === "" ? "<!doctype html>" : files[name];
    if (name === "") response.setHeader("content-type", "text/html");
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--autoplay-policy=no-user-gesture-required"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await run(page, browser.version());
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

const video = (template) => `<AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
  ${template}<Representation id="v" bandwidth="100000" codecs="CODEC" width="160" height="120"/></AdaptationSet>`;
const mpd = (attributes, periods) => `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
  minBufferTime="PT1S" ${attributes}>${periods}</MPD>`.replaceAll("CODEC", "avc1.4d400b");
const boxes = (bytes) => {
  const list = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at))
    list.push([bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at, at + bytes.readUInt32BE(at))]);
  return list;
};
// One moof and mdat per segment of two seconds.
const all = boxes(readFileSync("all.mp4"));
const init = Buffer.concat(all.filter(([type]) => type === "ftyp" || type === "moov").map(([, bytes]) => bytes));
const segments = all.flatMap(([type, bytes], at) => (type === "moof" ? [Buffer.concat([bytes, all[at + 1][1]])] : []));

const play = async ([library, url, seconds]) => {
  const element = document.createElement("video");
  element.muted = true;
  document.body.append(element);
  let ended = false;
  element.onended = () => (ended = true);
  const asked = () => performance.getEntriesByType("resource").map((entry) => entry.name.split("/").pop()).filter((name) => name.endsWith(".m4s"));
  let player;
  if (library === "dash.js") {
    player = dashjs.MediaPlayer().create();
    player.initialize(element, new URL(url, location.href).href, true);
  } else {
    player = new shaka.Player();
    await player.attach(element);
    await player.load(url).catch(() => {});
    element.play().catch(() => {});
  }
  for (let tick = 0; tick < seconds * 10 && !ended; tick += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  return { at: Math.round(element.currentTime), duration: element.duration, ended, asked: [...new Set(asked())] };
};
const inBoth = (files, names, seconds) =>
  inPage({
    "init.mp4": init, ...files,
    "dash.js": readFileSync("node_modules/dashjs/dist/modern/umd/dash.all.min.js"),
    "shaka.js": readFileSync("node_modules/shaka-player/dist/shaka-player.compiled.js"),
  }, async (page, version) => {
    const result = {};
    const start = page.url();
    for (const name of names) {
      for (const [library, script] of [["dash.js", "/dash.js"], ["Shaka", "/shaka.js"]]) {
        await page.goto(start);
        await page.addScriptTag({ url: script });
        (result[name] ??= {})[library] = await page.evaluate(play, [library, name, seconds]);
      }
    }
    console.log(`versions: Chromium ${version}, dash.js 5.2.1, Shaka 5.2.12`);
    return result;
  });

const text = mpd('mediaPresentationDuration="PT8S"', `<Period start="PT0S">${video(`
  <SegmentTemplate timescale="1000" media="s$Time$.m4s" initialization="init.mp4">
  <SegmentTimeline><S t="0" d="2000"/><S t="4000" d="2000" r="1"/></SegmentTimeline></SegmentTemplate>`)}</Period>`);
const files = { "a.mpd": text, "s0.m4s": segments[0], "s4000.m4s": segments[2], "s6000.m4s": segments[3] };
const seen = (await inBoth(files, ["a.mpd"], 12))["a.mpd"];
console.log("expected: s0 s4000 s6000, ended at 8 s");
for (const [library, { at, duration, ended, asked }] of Object.entries(seen))
  console.log(`seen:     ${library}: ${asked.join(" ")}, at ${at} of ${duration} s, ended ${ended}`);
const same = seen["dash.js"].ended && seen["dash.js"].at === 2 && seen.Shaka.ended && seen.Shaka.at === 8;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
