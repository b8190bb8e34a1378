#!/usr/bin/env bash
# WebCodecs' AudioEncoder gets sound with times; then half a second is missing (the source was
# muted, a tab was discarded, the page was busy), and the sound goes on with its right times.
# Expected: the packets after the gap have the times of their sound, or an error comes.
# What happens: the times of the packets run on as if nothing were missing: the encoder
# looks at the first one and counts samples from there. 490 ms are lost, and every later gap adds.
# Why it matters: sound and picture drift apart for good in whatever is built on the encoder,
# by the sum of all gaps; a jump has to be seen before the encoder, and filled with silence or
# met with a new encoder.
# Source: W3C WebCodecs, AudioEncoder.encode() and EncodedAudioChunk.timestamp.
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

// Sound of 10 ms at each of these times (ms): 0 to 30, then 530 to 560.
const given = [0, 10, 20, 30, 530, 540, 550, 560];
const [seen, version] = await inPage({}, async (page, version) => [
  await page.evaluate(async (times) => {
    const packets = [];
    const encoder = new AudioEncoder({
      output: (chunk) => packets.push(chunk.timestamp / 1000),
      error: (error) => packets.push(error.message),
    });
    encoder.configure({ codec: "opus", sampleRate: 48000, numberOfChannels: 1, bitrate: 64000 });
    for (const time of times)
      encoder.encode(new AudioData({
        format: "f32", sampleRate: 48000, numberOfFrames: 480, numberOfChannels: 1,
        timestamp: time * 1000, data: new Float32Array(480),
      }));
    await encoder.flush();
    return packets;
  }, given),
  version,
]);
console.log(`versions: Chromium ${version}`);
console.log(`given:    sound of 10 ms at ${given.join(" ")} ms`);
console.log("expected: packets of 20 ms at 0 20 530 550 ms");
console.log(`seen:     packets of 20 ms at ${seen.join(" ")} ms`);

const same = seen.slice(0, 4).join() === "0,20,40,60" && seen.every((time) => time < 200);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
