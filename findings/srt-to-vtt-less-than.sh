#!/usr/bin/env bash
# A SubRip cue says "I <3 you & you", and one "if a<b then". The files become WebVTT by srt-to-vtt, srt2vtt and subtitle-converter.
# Expected: in WebVTT "<" is written &lt; and "&" &amp;, so that a browser shows the text as it was.
# What happens: all three copy it as it is. WebVTT takes "<" for the beginning of a tag: Chromium shows "I " and "if a".
# Why it matters: the rest of the cue is gone, in a file that was made without an error and has all of its cues.
# Source: WebVTT, section 4.2.2 (WebVTT cue text: a text span has no "<" and "&", they are written as character references).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 srt-to-vtt@1.1.3 srt2vtt@1.3.1 subtitle-converter@3.0.12

cat >probe.mjs <<'JS'
import { chromium } from "playwright-core";
import srtToVtt from "srt-to-vtt";
import srt2vtt from "srt2vtt";
import converter from "subtitle-converter";

const texts = ["I <3 you & you", "if a<b then"];
const srt = texts.map((text, at) => `${at + 1}\n00:00:0${at * 2 + 1},000 --> 00:00:0${at * 2 + 2},000\n${text}\n`).join("\n");
const files = {
  "srt-to-vtt": await new Promise((resolve) => {
    const stream = srtToVtt();
    let all = "";
    stream.on("data", (part) => (all += part)).on("end", () => resolve(all));
    stream.end(srt);
  }),
  srt2vtt: await new Promise((resolve, reject) => srt2vtt(Buffer.from(srt), (error, data) => (error ? reject(error) : resolve(String(data))))),
  "subtitle-converter": converter.convert(srt, ".vtt").subtitle,
};
const right = `WEBVTT\n\n${srt.replaceAll(/(\d),(\d{3})/g, "$1.$2").replaceAll("&", "&amp;").replaceAll(/<(?=[3b])/g, "&lt;")}`;
const shown = async (file) => {
  const video = document.createElement("video");
  const track = document.createElement("track");
  track.default = true;
  track.src = URL.createObjectURL(new Blob([file], { type: "text/vtt" }));
  const loaded = new Promise((resolve, reject) => {
    track.onload = resolve;
    track.onerror = reject;
  });
  video.append(track);
  document.body.append(video);
  track.track.mode = "showing";
  await loaded;
  return [...track.track.cues].map((cue) => cue.getCueAsHTML().textContent);
};
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await browser.newPage();
  console.log(`versions: srt-to-vtt 1.1.3, srt2vtt 1.3.1, subtitle-converter 3.0.12, Chromium ${browser.version()}`);
  const control = JSON.stringify(await page.evaluate(shown, right));
  console.log(`expected: ${control}`);
  let same = control === JSON.stringify(texts);
  for (const [name, file] of Object.entries(files)) {
    const seen = JSON.stringify(await page.evaluate(shown, file));
    console.log(`seen:     ${name}: ${seen}`);
    same &&= seen === JSON.stringify(["I ", "if a"]);
  }
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
} finally {
  await browser.close();
}
JS
timeout 60 node probe.mjs
