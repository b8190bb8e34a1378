#!/usr/bin/env bash
# A page shows a half transparent red on a canvas, over white, and records the canvas.
# Expected: the recording shows what is seen (pink), or the colour over black (dark red).
# What happens: codecs without transparency record the pure colour, 255,0,0, as if it were
# opaque. VP8 and VP9 carry the transparency apart (BlockAdditions), which FFmpeg's usual
# decoders leave out, so that a transcoded file is pure red as well. WebM's AlphaMode is 1
# even for a canvas made with { alpha: false }, without any transparency in the file.
# Why it matters: shadows, soft edges and fading text come out hard and bold in recordings;
# programs that go by AlphaMode take the slow way for every file.
# Source: W3C Media Capture from DOM Elements; WebM container guidelines, AlphaMode.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
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

const record = async ([mimeType, alpha, fill]) => {
  const canvas = document.createElement("canvas");
  canvas.width = 320;
  canvas.height = 240;
  const context = canvas.getContext("2d", { alpha });
  let frame = 0;
  const paint = setInterval(() => {
    context.clearRect(0, 0, 320, 240);
    context.fillStyle = fill;
    context.fillRect(0, 0, 320, 240);
    context.fillRect(frame++ % 50, 0, 8, 8);
  }, 33);
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType });
  const data = new Promise((resolve) => (recorder.ondataavailable = (event) => resolve(event.data)));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 700));
  recorder.stop();
  clearInterval(paint);
  return [...new Uint8Array(await (await data).arrayBuffer())];
};
const half = "rgba(255,0,0,0.5)";
const cases = [
  ["video/x-matroska;codecs=avc1", true, half], ["video/webm;codecs=vp9", true, half],
  ["video/webm;codecs=vp9", false, "rgb(255,0,0)"],
];
const [files, version] = await inPage({}, async (page, version) => {
  const all = [];
  for (const one of cases) all.push(await page.evaluate(record, one));
  return [all, version];
});
console.log(`versions: Chromium ${version}`);
const seen = cases.map(([type, alpha, fill], at) => {
  writeFileSync("out.mkv", Buffer.from(files[at]));
  const mode = String(execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream_tags=alpha_mode", "-of", "csv=p=0", "out.mkv"])).trim();
  const rgb = execFileSync("ffmpeg", ["-nostdin", "-v", "quiet", "-i", "out.mkv", "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]);
  const place = (320 * 120 + 160) * 3;
  const red = rgb[place] > 230 && rgb[place + 1] < 40;
  console.log(`${type}, canvas with alpha ${alpha}, ${fill}: seen ${[...rgb.subarray(place, place + 3)].join(",")}, AlphaMode ${mode || "none"}`);
  return `${red ? "pure red" : "blended"} ${mode}`;
});
const same = seen.join("|").replaceAll(" |", "|") === "pure red|pure red 1|pure red 1";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
