#!/usr/bin/env bash
# MediaRecorder's option videoKeyFrameIntervalCount asks for a keyframe every so many frames.
# Expected: 10 gives frames 1, 11, 21, 31 as keyframes.
# What happens: every eleventh: 1, 12, 23, 34 (ten frames stand between two keyframes). With VP8
# and VP9 from a canvas that may be transparent, which is the default, it is every 22nd: colour
# and transparency are encoded apart and seem to be counted together.
# Why it matters: segments that are cut at keyframes come out a frame longer than planned; at
# 30 fps with a count of 60 a segment is 2.033 s, and a playlist that promised 2 s is wrong.
# Source: W3C MediaStream Recording, MediaRecorderOptions.videoKeyFrameIntervalCount.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffprobe >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
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

// A canvas that changes thirty times a second, recorded for two seconds.
const record = async ([mimeType, alpha]) => {
  const canvas = document.createElement("canvas");
  canvas.width = 320;
  canvas.height = 240;
  const context = canvas.getContext("2d", { alpha });
  let frame = 0;
  const paint = setInterval(() => {
    context.fillStyle = `hsl(${frame++ * 7} 90% 50%)`;
    context.fillRect(0, 0, 320, 240);
  }, 33);
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType, videoKeyFrameIntervalCount: 10 });
  const data = new Promise((resolve) => (recorder.ondataavailable = (event) => resolve(event.data)));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  recorder.stop();
  clearInterval(paint);
  return [...new Uint8Array(await (await data).arrayBuffer())];
};
const cases = [
  ["video/x-matroska;codecs=avc1", true], ["video/webm;codecs=vp8", false],
  ["video/webm;codecs=vp8", true], ["video/webm;codecs=vp9", true],
];
const [files, version] = await inPage({}, async (page, version) => {
  const all = [];
  for (const one of cases) all.push(await page.evaluate(record, one));
  return [all, version];
});
const recorded = [11, 11, 22, 22];
let same = true;
console.log(`versions: Chromium ${version}`);
for (const [at, [mimeType, alpha]] of cases.entries()) {
  writeFileSync("out.mkv", Buffer.from(files[at]));
  const flags = execFileSync("ffprobe", ["-v", "error", "-show_entries", "packet=flags", "-of", "csv=p=0", "out.mkv"]);
  const keys = String(flags).trim().split("\n").flatMap((flag, frame) => (flag.startsWith("K") ? [frame + 1] : []));
  const steps = keys.slice(1).map((key, index) => key - keys[index]);
  console.log(`${mimeType}, transparent ${alpha}: expected every 10; seen: keyframes ${keys.slice(0, 5).join(" ")}`);
  same &&= steps.length > 0 && steps.every((step) => step === recorded[at]);
}
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
