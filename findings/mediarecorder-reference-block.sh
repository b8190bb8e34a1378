#!/usr/bin/env bash
# Chromium's MediaRecorder records a canvas with an alpha channel as WebM. Every frame but the
# keyframes then is a block with a ReferenceBlock: the time of the frame it builds on.
# Expected: times relative to the block itself, -33 for the frame before, as signed numbers.
# What happens: it writes the absolute time of the frame before, and as an unsigned number: 0, 33, 66,
# then 132 in one byte, which reads as -124. mkvmerge believes that these frames build on later ones
# and writes them with references in both directions.
# Why it matters: tools that go by the references (to cut, to drop, to reorder) take these frames
# for B-frames or, with the 0, for keyframes.
# Source: RFC 9559, section 5.1.3.5.5 (ReferenceBlock is relative to the block's timestamp).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v mkvmerge >/dev/null || { apt-get update -qq && apt-get install -y -qq mkvtoolnix >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat >record.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const data = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    let frame = 0;
    const drawing = setInterval(() => {
      context.fillStyle = `hsl(${frame++ * 7}, 80%, 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }, 40);
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start(500);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    recorder.stop();
    await stopped;
    clearInterval(drawing);
    return new Uint8Array(await new Blob(parts).arrayBuffer()).toBase64();
  });
  writeFileSync("recorded.webm", Buffer.from(data, "base64"));
  console.log(`versions: Chromium ${browser.version()}`);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
JS
timeout 60 node record.mjs
echo "          $(mkvmerge --version | cut -d' ' -f1,2)"
mkvmerge -q -o merged.mkv recorded.webm

# Time of each block of the first ten frames and its references, in ms.
list() {
  mkvinfo -v -v -v "$1" | awk '
    function ms(line) { match(line, /-?00:[0-9:.]+/); text = substr(line, RSTART, RLENGTH); sign = text ~ /^-/ ? -1 : 1;
      sub(/^-/, "", text); split(text, part, ":"); return sign * int(part[3] * 1000 + 0.5) }
    /\+ (Block:|Simple block:)/ { if (time != "") print time, refs; time = ms($0); refs = "" }
    /Reference block/ { refs = refs " " ms($0) }' | head -10
}
list recorded.webm >recorded.txt
list merged.mkv >merged.txt
echo "expected: in each line the frame's time and one reference: minus the distance to the frame before"
paste -d'|' recorded.txt merged.txt | sed 's/^/seen:     MediaRecorder /; s/|/ | mkvmerge makes of it /'

# Each reference is the time of the frame before, taken for a signed byte below 256 ms.
if awk 'NR > 1 && last < 256 { want = last > 127 ? last - 256 : last; if ($2 != want) bad = 1; n++ } { last = $1 } END { exit bad || n < 4 }' recorded.txt &&
  awk 'NF > 2 { both = 1 } END { exit !both }' merged.txt; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
