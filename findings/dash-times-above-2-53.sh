#!/usr/bin/env bash
# DASH with wall-clock times in units of 100 ns, as encoders that come from Smooth Streaming
# write them: timescale 10000000, $Time$ 17641224000000001 for a moment in 2025.
# Expected: players ask for s17641224000000001.m4s; the standard says 64-bit unsigned.
# What happens: such numbers are above 2^53. dash.js, Shaka and mpd-parser round them, ask for
# s17641224000000000.m4s, which isn't there, and never start. FFmpeg asks for the right one.
# Why it matters: whether a stream plays depends on the last digit of its start: every other
# such stream fails in browsers for good, while tests with FFmpeg or VLC pass.
# Source: ISO/IEC 23009-1, 5.3.9.6 (S@t is xs:unsignedLong), 5.3.9.4.4 ($Time$).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -profile:v main -level 1.1 -bf 0 \
  -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p -video_track_timescale 10000000 \
  -movflags +frag_keyframe+empty_moov+default_base_moof all.mp4
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 dashjs@5.2.1 shaka-player@5.2.12 mpd-parser@1.4.0

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
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

const first = 17641224000000001n;
const late = segments.map((segment, index) => {
  const moved = Buffer.from(segment);
  const at = moved.indexOf("tfdt") + 8;
  moved.writeBigUInt64BE(first + BigInt(index) * 20000000n, at);
  return [`s${first + BigInt(index) * 20000000n}.m4s`, moved];
});
const text = mpd('mediaPresentationDuration="PT8S"', `<Period start="PT0S">${video(`
  <SegmentTemplate timescale="10000000" media="s$Time$.m4s" initialization="init.mp4" presentationTimeOffset="${first}">
  <SegmentTimeline><S t="${first}" d="20000000" r="3"/></SegmentTimeline></SegmentTemplate>`)}</Period>`);
const { parse } = await import("mpd-parser");
const parsed = parse(text, { manifestUri: "http://127.0.0.1/a.mpd" }).playlists[0].segments[0].uri;
writeFileSync("init.mp4", init);
writeFileSync("a.mpd", text);
for (const [name, bytes] of late) writeFileSync(name, bytes);
const frames = String(execFileSync("ffprobe", ["-v", "error", "-count_packets", "-select_streams", "v",
  "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", "a.mpd"])).trim().split("\n")[0];

const seen = (await inBoth({ "a.mpd": text, ...Object.fromEntries(late) }, ["a.mpd"], 5))["a.mpd"];
console.log(`expected: ${late[0][0]} is asked for, and plays`);
console.log(`seen:     mpd-parser 1.4.0: ${parsed}; FFmpeg: ${frames.replace(",", "")} frames`);
for (const [library, { at, asked }] of Object.entries(seen)) console.log(`seen:     ${library}: ${asked.join(" ")}, at ${at} s`);
const rounded = "s17641224000000000.m4s";
const same = parsed === rounded && frames.startsWith("200") &&
  Object.values(seen).every(({ at, asked }) => at === 0 && asked[0] === rounded);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
