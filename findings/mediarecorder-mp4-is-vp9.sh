#!/usr/bin/env bash
# MediaRecorder is asked for a container without a codec, or for one by its short name.
# Expected: video/mp4 gives H.264, which it supports; mimeType stays as it was asked for.
# What happens: video/mp4 gives VP9 in MP4 though avc1 is supported too; and mimeType
# changes once data flows: video/mp4 becomes video/mp4;codecs=vp9, codecs=av1 becomes codecs=av01.
# Why it matters: "MP4 plays everywhere" ends here: QuickTime and many editors have no VP9. A
# type read before start() is not the type of the file.
# Source: W3C MediaStream Recording, MediaRecorder.mimeType and start().
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat >probe.mjs <<'JS'
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
  const context = canvas.getContext("2d");
  let frame = 0;
  const paint = setInterval(() => context.fillRect(frame++ % 200, 0, 8, 8), 33);
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType });
  const before = recorder.mimeType;
  const data = new Promise((resolve) => (recorder.ondataavailable = (event) => resolve(event.data)));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 700));
  recorder.stop();
  clearInterval(paint);
  const text = new TextDecoder("latin1").decode(await (await data).arrayBuffer());
  const inside = ["vp09", "avc1", "av01", "V_VP8", "V_AV1"].find((name) => text.includes(name));
  return [before, recorder.mimeType, inside].join(" -> ");
};
const types = ["video/mp4", "video/webm", "video/webm;codecs=av1"];
const [seen, version] = await inPage({}, async (page, version) => {
  const all = [await page.evaluate(() => String(MediaRecorder.isTypeSupported("video/mp4;codecs=avc1")))];
  for (const type of types) all.push(await page.evaluate(record, type));
  return [all, version];
});
console.log(`versions: Chromium ${version}; H.264 in MP4 supported: ${seen[0]}`);
console.log("expected: video/mp4 -> video/mp4;codecs=avc1… -> avc1");
for (const line of seen.slice(1)) console.log(`seen:     ${line}`);
const same = seen.join("|") === [
  "true", "video/mp4 -> video/mp4;codecs=vp9 -> vp09", "video/webm -> video/webm;codecs=vp8 -> V_VP8",
  "video/webm;codecs=av1 -> video/webm;codecs=av01 -> V_AV1",
].join("|");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
