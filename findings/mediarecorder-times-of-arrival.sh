#!/usr/bin/env bash
# Twenty frames with timestamps 100 ms apart (VideoFrame.timestamp) are written to a
# MediaStreamTrackGenerator every 20 ms, as a program does that reads a file, catches up after
# a pause or changes the speed; the track goes into MediaRecorder.
# Expected: a file of about two seconds with a frame each 100 ms, since each frame says when it
# belongs. VideoEncoder, given the same frames, keeps their timestamps.
# What happens: the file has the times at which the frames were written, 0.4 s in all.
# Why it matters: a recording of generated frames runs at the pace of the script: what comes late
# is late for ever, and lips leave the sound. Real times need WebCodecs and a muxer.
# Source: W3C WebCodecs, 9.4 (VideoFrame.timestamp: the presentation timestamp);
# https://developer.chrome.com/docs/capabilities/web-apis/mediastreamtrack-insertable-media-processing
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

const record = async () => {
  const generator = new MediaStreamTrackGenerator({ kind: "video" });
  const writer = generator.writable.getWriter();
  const recorder = new MediaRecorder(new MediaStream([generator]), { mimeType: "video/webm;codecs=vp8" });
  const data = new Promise((resolve) => (recorder.ondataavailable = (event) => resolve(event.data)));
  const encoded = [];
  const encoder = new VideoEncoder({ output: ({ timestamp }) => encoded.push(timestamp), error: console.error });
  encoder.configure({ codec: "vp8", width: 320, height: 180 });
  recorder.start();
  const canvas = new OffscreenCanvas(320, 180);
  const context = canvas.getContext("2d");
  for (let frame = 0; frame < 20; frame++) {
    context.fillStyle = `rgb(${frame * 12},80,80)`;
    context.fillRect(0, 0, 320, 180);
    const picture = new VideoFrame(canvas, { timestamp: frame * 100_000 });
    encoder.encode(picture);
    await writer.write(picture);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await encoder.flush();
  recorder.stop();
  const bytes = [...new Uint8Array(await (await data).arrayBuffer())];
  return { bytes, encoded };
};
const [{ bytes, encoded }, version] = await inPage({}, async (page, version) => [await page.evaluate(record), version]);
writeFileSync("out.webm", Buffer.from(bytes));
const times = String(execFileSync("ffprobe", ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", "out.webm"]))
  .split("\n").filter((line) => line.trim() !== "").map((line) => Number.parseFloat(line));
const span = times.at(-1) - times[0];
const kept = (encoded.at(-1) - encoded[0]) / 1e6;
console.log(`versions: Chromium ${version}`);
console.log(`from the first frame to the last: expected 1.9 s; MediaRecorder ${span.toFixed(2)} s (${times.length} frames), VideoEncoder ${kept} s`);
const same = times.length >= 15 && span < 1.5 && kept === 1.9;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
