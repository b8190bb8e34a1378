#!/usr/bin/env bash
# A WebVTT file with a REGION, and cues with position:10%,line-left, with line:85%,end and with region:fred.
# Expected: Chromium's VTTCue tells position alignment, line alignment and region, and so does videojs-vtt.js, the parser of video.js.
# What happens: Chromium has none of the three (no positionAlign, no lineAlign, no VTTRegion), and the cues load without an
# error. videojs-vtt.js knows the line's alignment alone: it reports the REGION block as "Malformed timestamp", and line-left as nothing.
# Why it matters: cues that were placed beside a speaker, or kept in a region, stand somewhere else, with nothing said by the browser.
# Source: WebVTT, section 4.1 (region definition block), 4.4 (position and line settings with an alignment), 6.1 (VTTCue, VTTRegion).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 videojs-vtt.js@0.15.5

cat >probe.mjs <<'JS'
import vtt from "videojs-vtt.js";
import { chromium } from "playwright-core";

const file = `WEBVTT

REGION
id:fred
width:40%
lines:3

00:01.000 --> 00:02.000 position:10%,line-left
a

00:03.000 --> 00:04.000 line:85%,end
b

00:05.000 --> 00:06.000 region:fred
c
`;
const show = ({ position, positionAlign, line, lineAlign, region }) =>
  [`position ${position} ${positionAlign}`, `line ${line} ${lineAlign}`, `region ${region?.id ?? "none"}`];
const pick = (cues) => [show(cues[0])[0], show(cues[1])[1], show(cues[2])[2]].join("; ");

globalThis.window = { VTTCue: vtt.VTTCue, VTTRegion: vtt.VTTRegion };
const parser = new vtt.WebVTT.Parser(globalThis.window, vtt.WebVTT.StringDecoder());
const cues = [];
const errors = [];
parser.oncue = (cue) => cues.push(cue);
parser.onparsingerror = ({ message }) => errors.push(message);
parser.parse(file);
parser.flush();

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await browser.newPage();
  const native = await page.evaluate(async (text) => {
    const track = document.createElement("track");
    track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
    const loaded = new Promise((resolve, reject) => {
      track.onload = resolve;
      track.onerror = reject;
    });
    document.body.append(document.createElement("video"));
    document.querySelector("video").append(track);
    track.track.mode = "hidden";
    await loaded;
    return [...track.track.cues].map(({ position, positionAlign, line, lineAlign, region }) => ({ position, positionAlign, line, lineAlign, region: region && { id: region.id } }));
  }, file);
  console.log(`versions: videojs-vtt.js 0.15.5, Chromium ${browser.version()}, Node ${process.version}`);
  console.log("expected: position 10 line-left; line 85 end; region fred");
  const regions = await page.evaluate(() => typeof VTTRegion);
  console.log(`seen:     Chromium: ${pick(native)}; VTTRegion ${regions}`);
  console.log(`seen:     videojs-vtt.js: ${pick(cues)}; ${errors.join(", ")}`);
  const same =
    pick(native) === "position 10 undefined; line 85 undefined; region none" && regions === "undefined" &&
    pick(cues) === "position 10 center; line 85 end; region none" && errors.join() === "Malformed timestamp: id:fred";
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
} finally {
  await browser.close();
}
JS
timeout 60 node probe.mjs
