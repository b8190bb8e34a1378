#!/usr/bin/env bash
# With a timeslice, Chromium's MediaRecorder writes WebM whose clusters have no size: each ends
# where the next begins. fix-webm-duration adds the duration that such files lack.
# Expected: the same file with a duration, all clusters beside each other.
# What happens: fix-webm-duration (and @fix-webm-duration/fix) takes the first cluster to reach to
# the end of the file and writes it back with that size: all later clusters lie inside it. FFmpeg
# complains and plays on; mkvmerge, without a warning and with exit code 0, keeps the first cluster.
# Why it matters: a recording of an hour, "repaired", is cut to its first second or so by the next tool.
# Source: RFC 8794, section 6.2 (an unknown-sized element ends where its parent's next child begins);
# RFC 9559, section 5.1.3 (a Cluster is a child of Segment).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "$1" >/dev/null; }; }
need chromium
need ffmpeg
command -v mkvmerge >/dev/null || { apt-get update -qq && apt-get install -y -qq mkvtoolnix >/dev/null; }
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 \
  fix-webm-duration@1.0.6 @fix-webm-duration/fix@1.0.1 @fix-webm-duration/parser@1.0.1

cat >probe.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.addScriptTag({ content: readFileSync("node_modules/fix-webm-duration/fix-webm-duration.js", "utf8") });
  const files = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { alpha: false });
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
    await new Promise((resolve) => setTimeout(resolve, 5500));
    recorder.stop();
    await stopped;
    clearInterval(drawing);
    const recorded = new Blob(parts, { type: "video/webm" });
    const fixed = await ysFixWebmDuration(recorded, 5500, { logger: false });
    const text = async (blob) => new Uint8Array(await blob.arrayBuffer()).toBase64();
    return { recorded: await text(recorded), fixed: await text(fixed) };
  });
  for (const [name, data] of Object.entries(files)) writeFileSync(`${name}.webm`, Buffer.from(data, "base64"));
  writeFileSync("version", browser.version());
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
JS
timeout 90 node probe.mjs
cat >other.cjs <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const { fixWebmDuration } = require("@fix-webm-duration/fix");
globalThis.FileReader = class {
  readAsArrayBuffer(blob) {
    blob.arrayBuffer().then((buffer) => {
      this.result = buffer;
      this.onloadend();
    });
  }
};
(async () => {
  const fixed = await fixWebmDuration(new Blob([readFileSync("recorded.webm")]), 5500, { logger: false });
  writeFileSync("fixed-too.webm", Buffer.from(await fixed.arrayBuffer()));
})();
JS
timeout 60 node other.cjs
echo "versions: Chromium $(cat version), fix-webm-duration 1.0.6, @fix-webm-duration/fix 1.0.1," \
  "$(mkvmerge --version | cut -d' ' -f1,2), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

frames() { ffprobe -v quiet -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$1" | tr -d ','; }
echo "expected: as many frames and clusters in all three, also after mkvmerge"
ok=1
for name in recorded fixed fixed-too; do
  code=0
  mkvmerge -q -o "$name.mkv" "$name.webm" || code=$?
  clusters=$(mkvinfo -v "$name.webm" | grep -c '^|+ Cluster')
  echo "seen:     $name: $(frames "$name.webm") frames, clusters below Segment: $clusters," \
    "mkvmerge ended with $code and kept $(frames "$name.mkv") frames"
  case $name in
    recorded) [ "$clusters" -ge 4 ] && [ "$(frames recorded.mkv)" = "$(frames recorded.webm)" ] || ok=0 ;;
    *) [ "$clusters" = 1 ] && [ "$code" = 0 ] && [ $(($(frames "$name.mkv") * 2)) -lt "$(frames "$name.webm")" ] || ok=0 ;;
  esac
done
if [ $ok = 1 ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
