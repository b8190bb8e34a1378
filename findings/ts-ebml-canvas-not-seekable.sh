#!/usr/bin/env bash
# ts-ebml's Reader finds out the duration and the seek points of what MediaRecorder recorded.
# Expected: five seconds and a seek point a second for any canvas.
# What happens: for a canvas as getContext("2d") gives it, no seek points at all, and the start of the last
# cluster as the duration: 0 s where there is one only. Such a canvas has an alpha channel;
# MediaRecorder then writes BlockGroups instead of SimpleBlocks, and the Reader knows only the latter. With
# {alpha: false} it works.
# Why it matters: the usual canvas recording comes out of the tool that is to make it seekable (and of
# webm-duration-fix, which is built on it) without a seek point and too short.
# Source: ts-ebml, readme ("create seekable webm from media-recorder"); RFC 9559, sections 5.1.3.4
# (SimpleBlock) and 5.1.3.5 (BlockGroup).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 ts-ebml@3.0.2

cat >probe.mjs <<'JS'
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import ebml from "ts-ebml";

console.warn = () => {};
const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
const record = async (alpha) => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha });
  let frame = 0;
  const drawing = setInterval(() => {
    context.fillStyle = `hsl(${frame++ * 7}, 80%, 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), {
    mimeType: "video/webm;codecs=vp8",
    videoKeyFrameIntervalDuration: 1000,
  });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start(1000);
  await new Promise((resolve) => setTimeout(resolve, 5200));
  recorder.stop();
  await stopped;
  clearInterval(drawing);
  return new Uint8Array(await new Blob(parts).arrayBuffer()).toBase64();
};
const seen = {};
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  for (const alpha of [false, true]) {
    const file = Buffer.from(await page.evaluate(record, alpha), "base64");
    const reader = new ebml.Reader();
    const count = { SimpleBlock: 0, BlockGroup: 0 };
    let cluster = 0;
    for (const element of new ebml.Decoder().decode(file)) {
      if (element.name in count && !element.isEnd) count[element.name] += 1;
      if (element.name === "Timestamp") cluster = element.value / 1000;
      if (element.type !== "unknown") reader.read(element);
    }
    reader.stop();
    seen[alpha] = { lastCluster: cluster, seconds: reader.duration / 1000, seekPoints: reader.cues.length, ...count };
  }
  console.log(`versions: Chromium ${browser.version()}, ts-ebml 3.0.2`);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
console.log("expected: about 5 s and a seek point a second in both");
console.log("seen:     alpha: false", JSON.stringify(seen.false));
console.log("seen:     alpha: true ", JSON.stringify(seen.true));
const same = seen.false.SimpleBlock > 50 && seen.false.seekPoints >= 4 && seen.true.BlockGroup > 50 &&
  seen.true.seekPoints === 0 && seen.true.seconds === seen.true.lastCluster;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
