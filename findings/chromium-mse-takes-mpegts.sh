#!/usr/bin/env bash
# A page asks whether it may hand MPEG-TS to Media Source Extensions.
# Expected: no, as in Chrome on a desktop; a player then turns TS into MP4 itself.
# What happens: Debian's Chromium says yes to MediaSource.isTypeSupported('video/mp2t; …') and
# plays it, while video.canPlayType() of the same string is "" (no).
# Why it matters: a player that asks (Shaka does) takes another way here than in Chrome, so that
# tests in Debian's Chromium say little about its TS code for viewers with Chrome.
# Source: W3C MSE byte stream format registry, MPEG-2 TS; HTML, canPlayType().
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x240:r=30:d=3 -f lavfi -i sine=d=3 \
  -c:v libx264 -profile:v main -level 3 -bf 0 -g 30 -pix_fmt yuv420p -c:a aac a.ts
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

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

const type = 'video/mp2t; codecs="avc1.4d001e,mp4a.40.2"';
const [seen, version] = await inPage({ "a.ts": readFileSync("a.ts") }, async (page, version) => [
  await page.evaluate(async (type) => {
    const video = document.createElement("video");
    video.muted = true;
    const answers = { isTypeSupported: MediaSource.isTypeSupported(type), canPlayType: video.canPlayType(type) };
    if (!answers.isTypeSupported) return answers;
    const source = new MediaSource();
    video.src = URL.createObjectURL(source);
    await new Promise((resolve) => (source.onsourceopen = resolve));
    const buffer = source.addSourceBuffer(type);
    buffer.appendBuffer(await (await fetch("a.ts")).arrayBuffer());
    await new Promise((resolve) => (buffer.onupdateend = resolve));
    source.endOfStream();
    video.currentTime = buffer.buffered.start(0);
    await video.play();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return { ...answers, played: video.currentTime - buffer.buffered.start(0) > 0.5, width: video.videoWidth };
  }, type),
  version,
]);
console.log(`versions: Chromium ${version}`);
console.log('expected: {"isTypeSupported":false,"canPlayType":""}');
console.log(`seen:     ${JSON.stringify(seen)}`);
const same = JSON.stringify(seen) === '{"isTypeSupported":true,"canPlayType":"","played":true,"width":320}';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
