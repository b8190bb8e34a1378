#!/usr/bin/env bash
# CMAF wants the first picture of a video with B-frames at its segment's time: composition offsets
# are negative then (trun version 1) and no edit list is needed. FFmpeg writes such fragments with
# -movflags cmaf or negative_cts_offsets.
# Expected: the first picture at 0, as in the file that was copied, beside sound that begins at 0.
# What happens: FFmpeg, GStreamer and Chromium's <video src> put the pictures 40 ms late, by as much as the
# most negative offset; the sound stays. Chromium's Media Source Extensions, mediabunny and mp4box.js
# put them at 0.
# Why it matters: the same fragments are in lip sync in a player that appends them and not in one that
# opens them, and copying them with FFmpeg makes the 40 ms last.
# Source: ISO/IEC 14496-12, 8.8.8 (trun: signed offsets in version 1) and 8.6.1.3; ISO/IEC 23000-19
# (CMAF), track run box.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need chromium chromium
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 qtdemux >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good >/dev/null; }
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 mediabunny@1.61.0 mp4box@2.4.1

timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libx264 -preset veryfast -bf 2 -b_strategy 0 \
  -g 50 -pix_fmt yuv420p whole.mp4
timeout 60 ffmpeg -nostdin -v error -i whole.mp4 -c copy -movflags cmaf fragments.mp4

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import * as bunny from "mediabunny";
import * as box from "mp4box";
import { chromium } from "playwright-core";

const run = (command, ...words) => execFileSync(command, words, { stdio: ["ignore", "pipe", "ignore"] }).toString();
const file = readFileSync("fragments.mp4");
const seen = {};
const first = (name) => Number(run("ffprobe", "-v", "quiet", "-show_entries", "packet=pts_time", "-of", "csv=p=0", name).split(/[,\n]/)[0]);
seen["FFmpeg, before fragmenting"] = first("whole.mp4");
seen.FFmpeg = first("fragments.mp4");
seen.GStreamer = Number(/chain .*?pts: 0:00:([\d.]+)/.exec(run("gst-launch-1.0", "-v", "filesrc", "location=fragments.mp4", "!", "qtdemux", "!", "identity", "silent=false", "!", "fakesink"))[1]);
const input = new bunny.Input({ source: new bunny.BufferSource(file), formats: bunny.ALL_FORMATS });
seen.mediabunny = await (await input.getPrimaryVideoTrack()).getFirstTimestamp();
const parsed = box.createFile();
parsed.onReady = ({ tracks }) => {
  parsed.setExtractionOptions(tracks[0].id);
  parsed.start();
};
parsed.onSamples = (_id, _user, samples) => {
  seen["mp4box.js"] ??= Math.min(...samples.map((sample) => sample.cts / sample.timescale));
};
const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
bytes.fileStart = 0;
parsed.appendBuffer(bytes);
parsed.flush();

const server = createServer((request, response) => {
  response.setHeader("content-type", request.url === "/" ? "text/html" : "video/mp4");
  response.end(request.url === "/" ? "<!doctype html>" : file);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const [opened, appended] = await page.evaluate(async () => {
    const video = document.createElement("video");
    video.muted = true;
    video.src = "fragments.mp4";
    const opened = await new Promise((resolve) => video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime)));
    const source = new MediaSource();
    video.src = URL.createObjectURL(source);
    await new Promise((resolve) => source.addEventListener("sourceopen", resolve));
    const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.640028"');
    buffer.appendBuffer(await (await fetch("fragments.mp4")).arrayBuffer());
    await new Promise((resolve) => buffer.addEventListener("updateend", resolve));
    return [opened, buffer.buffered.start(0)];
  });
  seen["Chromium, src"] = opened;
  seen["Chromium, appended"] = appended;
  console.log(`versions: Chromium ${browser.version()}, mediabunny 1.61.0, mp4box 2.4.1`);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
console.log("expected: the first picture at 0 s");
for (const [name, time] of Object.entries(seen)) console.log(`seen:     ${name}: ${time}`);
const same = Object.values(seen).join() === "0,0.04,0.04,0,0,0.04,0";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)"
timeout 90 node probe.mjs
