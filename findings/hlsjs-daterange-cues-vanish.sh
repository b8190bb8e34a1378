#!/usr/bin/env bash
# A finished recording in HLS has an EXT-X-DATERANGE with an attribute of its own; hls.js turns
# such tags into cues of a metadata track, so that a page can act on them.
# Expected: the cue is there as soon as the playlist has been read.
# What happens: hls.js adds the cue, and a moment later the track is empty. The track is a <track>
# element whose source is "data:,WEBVTT"; when Chromium has loaded that, it throws away what
# was added before. In a live playlist the cue comes back with the next reload, seconds late;
# in a finished one never.
# Why it matters: chapters, adverts and marks of a recording don't reach the page, and those of
# a live stream reach late joiners one reload later.
# Source: hls.js API, enableDateRangeMetadataCues; HTML, "track" element (loading its file).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -profile:v main \
  -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_playlist_type vod \
  -hls_segment_filename '%d.ts' all.m3u8
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 hls.js@1.7.4

cat >probe.mjs <<'JS'
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

const finished = readFileSync("all.m3u8", "utf8").replace("#EXTINF", `#EXT-X-PROGRAM-DATE-TIME:2026-11-27T10:00:00.000Z
#EXT-X-DATERANGE:ID="mark",START-DATE="2026-11-27T10:00:05.000Z",DURATION=1,X-TEXT="hello"
#EXTINF`);
const live = finished.replace("#EXT-X-ENDLIST\n", "").replace("#EXT-X-PLAYLIST-TYPE:VOD\n", "");
const files = { "finished.m3u8": finished, "live.m3u8": live, "hls.js": readFileSync("node_modules/hls.js/dist/hls.js") };
for (const segment of [0, 1, 2, 3]) files[`${segment}.ts`] = readFileSync(`${segment}.ts`);

const look = async (name) => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  let added = 0;
  const { addCue } = TextTrack.prototype;
  TextTrack.prototype.addCue = function (cue) {
    added += 1;
    return addCue.call(this, cue);
  };
  const hls = new Hls();
  hls.loadSource(name);
  hls.attachMedia(video);
  const cues = [];
  for (const wait of [1200, 4000]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    cues.push(video.textTracks[0]?.cues?.length ?? 0);
  }
  hls.destroy();
  TextTrack.prototype.addCue = addCue;
  return { added, "cues after 1.2 s": cues[0], "after 5.2 s": cues[1] };
};
const [seen, version] = await inPage(files, async (page, version) => {
  await page.addScriptTag({ url: "/hls.js" });
  return [{ finished: await page.evaluate(look, "finished.m3u8"), live: await page.evaluate(look, "live.m3u8") }, version];
});
console.log(`versions: Chromium ${version}, hls.js 1.7.4`);
console.log("expected: one cue after 1.2 s in both");
for (const [name, result] of Object.entries(seen)) console.log(`seen:     ${name}: ${JSON.stringify(result)}`);
const same = JSON.stringify(Object.values(seen.finished)) === "[1,0,0]" && JSON.stringify(Object.values(seen.live)) === "[2,0,1]";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
