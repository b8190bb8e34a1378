#!/usr/bin/env bash
# The same colours are written twice in a file: in the container (Matroska's Colour, MP4's colr)
# and in the video itself (H.264's SPS, VP9's frame header). Here the two disagree.
# Expected: a program has one rule for which of the two it believes.
# What happens: Chromium believes the video for H.264 and the container for VP9. FFmpeg
# believes the video in both. So of a VP9 file whose header was corrected to BT.709, FFmpeg
# shows the corrected colours and Chromium the old ones, and the other way round.
# Why it matters: colours can be corrected without encoding anew only in the place that viewers'
# programs believe: for H.264 in the SPS, for VP9 in both at once.
# Source: ISO/IEC 14496-12, 12.1.5; VP9 bitstream specification, 7.2.2 (color_space).
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

const run = (...rest) => execFileSync("ffmpeg", ["-nostdin", "-v", "error", ...rest]);
const tags = (name) => ["-colorspace", name, "-color_primaries", name, "-color_trc", name, "-color_range", "tv"];
const red = ["-f", "lavfi", "-i", "color=red:s=640x360:d=0.5,format=rgb24", "-vf", "scale=out_color_matrix=bt601", "-pix_fmt", "yuv420p"];
run(...red, "-c:v", "libx264", "-preset", "ultrafast", ...tags("smpte170m"), "h264.mp4");
run(...red, "-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", ...tags("smpte170m"), "vp9.webm");
// The video says BT.709 from here on; the container goes on saying BT.601.
run("-i", "h264.mp4", "-c", "copy", "-bsf:v", "h264_metadata=matrix_coefficients=1", "h264-709.mp4");
run("-i", "vp9.webm", "-c", "copy", "-bsf:v", "vp9_metadata=color_space=bt709", "vp9-709.webm");
run("-i", "vp9.webm", "-c", "copy", "-bsf:v", "vp9_metadata=color_space=bt709", "vp9-709.mp4");

const names = ["h264-709.mp4", "vp9-709.webm", "vp9-709.mp4"];
const [inChromium, version] = await inPage(
  Object.fromEntries(names.map((name) => [name, readFileSync(name)])),
  async (page, version) => [
    await page.evaluate((list) => Promise.all(list.map(async (name) => {
      const video = document.createElement("video");
      video.muted = true;
      video.src = name;
      await new Promise((resolve) => (video.onloadeddata = resolve));
      return new VideoFrame(video).colorSpace.matrix;
    })), names),
    version,
  ],
);
const inFfmpeg = names.map((name) => String(execFileSync("ffprobe",
  ["-v", "error", "-select_streams", "v", "-show_entries", "stream=color_space", "-of", "csv=p=0", name])).trim());
console.log(`versions: Chromium ${version}, ${String(execFileSync("ffmpeg", ["-version"])).split(" Copyright")[0]}`);
console.log("the container says smpte170m, the video bt709");
for (const [at, name] of names.entries()) console.log(`seen:     ${name}: Chromium ${inChromium[at]}, FFmpeg ${inFfmpeg[at]}`);
const same = inChromium.join() === "bt709,smpte170m,smpte170m" && inFfmpeg.join() === "bt709,bt709,bt709";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
