#!/usr/bin/env bash
# A canvas filled with red (255,0,0) is recorded: canvas.captureStream() into MediaRecorder.
# Expected: ordinary video, limited range (luma 16 to 235), as cameras and captured tabs give.
# What happens: full range and the transfer of sRGB, in every codec and container: red is
# Y 54 U 99 V 254 and the file says pc, bt709, iec61966-2-1. H.264 becomes FFmpeg's yuvj420p.
# Why it matters: the tags are true, but many decoders of H.264 (televisions, chat, streaming
# services) take it for limited: black and white are crushed. A recording of a tab and one of
# a canvas can't be joined without encoding.
# Source: ITU-T H.264, E.2.1 (video_full_range_flag); ITU-R BT.709-6, item 4.6.
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

const record = async (mimeType) => {
  const canvas = document.createElement("canvas");
  canvas.width = 1280;
  canvas.height = 720;
  const context = canvas.getContext("2d");
  let frame = 0;
  const paint = setInterval(() => {
    context.fillStyle = "rgb(255,0,0)";
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = "white";
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
const types = ["video/x-matroska;codecs=avc1", "video/mp4;codecs=avc1", "video/webm;codecs=vp9", "video/webm;codecs=av1"];
const [files, version] = await inPage({}, async (page, version) => {
  const all = [];
  for (const type of types) all.push(await page.evaluate(record, type));
  return [all, version];
});
console.log(`versions: Chromium ${version}`);
let same = true;
for (const [at, type] of types.entries()) {
  writeFileSync("out.bin", Buffer.from(files[at]));
  const tags = String(execFileSync("ffprobe", ["-v", "error", "-show_entries",
    "stream=color_range,color_space,color_transfer", "-of", "csv=p=0", "out.bin"])).trim();
  // scale without a change of range, so that the stored numbers are seen
  const yuv = execFileSync("ffmpeg", ["-nostdin", "-v", "quiet", "-i", "out.bin", "-frames:v", "1", "-vf",
    "scale=in_range=full:out_range=full", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"], { maxBuffer: 1 << 24 });
  const middle = (1280 * 720) / 2, quarter = (1280 * 720) / 4, chroma = 640 * 180 + 320;
  const pixel = [yuv[middle + 640], yuv[4 * quarter + chroma], yuv[5 * quarter + chroma]];
  console.log(`${type}: expected tv and about 63 102 240; seen ${tags}, ${pixel.join(" ")}`);
  same &&= tags.startsWith("pc,bt709,iec61966-2-1") && pixel[2] > 250;
}
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
