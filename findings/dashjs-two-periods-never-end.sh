#!/usr/bin/env bash
# A recording of two Periods (its picture changed size half-way), each with a duration of 4 s; the
# MPD leaves out mediaPresentationDuration, as it may when the last Period has a duration.
# Expected: players know that it takes 8 s, and end there.
# What happens: Shaka does. dash.js shows all of it, but gives the duration as 9007199254740991 s
# and never ends. With one Period, or with mediaPresentationDuration added, it ends rightly.
# Why it matters: the seek bar is of no use, "play next" never happens, and the player waits for
# ever. Whoever writes MPDs should state the duration twice.
# Source: ISO/IEC 23009-1, 5.3.1.2 (@mediaPresentationDuration) and 5.3.2.1 (Period@duration).
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

const template = (start) => video(`<SegmentTemplate timescale="1000" duration="2000" media="s$Number$.m4s"
  initialization="init.mp4" startNumber="${start}" presentationTimeOffset="${(start - 1) * 2000}"/>`);
const two = `<Period id="a" duration="PT4S">${template(1)}</Period><Period id="b" duration="PT4S">${template(3)}</Period>`;
const files = {
  "two.mpd": mpd("", two),
  "two-stated.mpd": mpd('mediaPresentationDuration="PT8S"', two),
  "one.mpd": mpd("", `<Period id="a" duration="PT8S">${template(1)}</Period>`),
};
const names = Object.keys(files);
for (const [index, segment] of segments.entries()) files[`s${index + 1}.m4s`] = segment;
const seen = await inBoth(files, names, 11);
console.log("expected: ended at 8 of 8 s in each");
for (const name of names)
  for (const [library, { at, duration, ended }] of Object.entries(seen[name]))
    console.log(`seen:     ${name}, ${library}: at ${at} of ${duration} s, ended ${ended}`);
const lasting = seen["two.mpd"]["dash.js"];
const same = !lasting.ended && lasting.duration > 1e15 && seen["two.mpd"].Shaka.ended &&
  seen["two-stated.mpd"]["dash.js"].ended && seen["one.mpd"]["dash.js"].ended;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 150 node probe.mjs
