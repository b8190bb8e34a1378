#!/usr/bin/env bash
# Low-latency HLS, picture and sound in playlists of their own, with parts, blocking reloads and dates. One run
# has EXT-X-PRELOAD-HINT at the end of each playlist, the other doesn't: the tag itself is optional, and a
# server can't always know what comes next.
# Expected: without the hint each part is asked for a little later, and that is all.
# What happens: while the newest part is the last of its segment, hls.js sees no part list to go on with. It
# leaves that part out, goes on with the next segment, and the sound has a hole of a part there; later it
# fetches some of them anew. The picture stands still for one to four seconds.
# Why it matters: a packager that gives no hint, or none at the end of a segment, plays in Safari and not in
# hls.js.
# Source: RFC 8216bis, section 4.4.5.3 (Appendix B.1 wants hints of servers that follow its profile); hls.js,
# getFragmentAtPosition (loadingParts needs a fragmentHint).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
# Segments of 30 frames and of 48 AAC frames last 1.024 s both; three parts each.
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=1875/64:d=16.384 -c:v libx264 -profile:v main \
  -preset ultrafast -bf 0 -g 30 -keyint_min 30 -sc_threshold 0 -pix_fmt yuv420p -frag_duration 341333 \
  -movflags +empty_moov+default_base_moof -video_track_timescale 90000 video.mp4
timeout 60 ffmpeg -nostdin -v error -f lavfi -i sine=f=440:r=48000:d=17 -c:a aac -frag_duration 341333 \
  -movflags +empty_moov+default_base_moof audio.mp4
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 hls.js@1.7.4

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const PARTS = 3;
// The init segment and the fragments (moof and mdat) of a file, with their times in s.
function fragmentsOf(file, timescale) {
  const data = readFileSync(file);
  const boxes = [];
  for (let at = 0; at < data.length; at += data.readUInt32BE(at))
    boxes.push({ type: data.toString("latin1", at + 4, at + 8), bytes: data.subarray(at, at + data.readUInt32BE(at)) });
  const init = Buffer.concat(boxes.filter(({ type }) => type === "ftyp" || type === "moov").map(({ bytes }) => bytes));
  const fragments = boxes.flatMap(({ type, bytes }, index) => {
    if (type !== "moof") return [];
    const tfdt = bytes.indexOf("tfdt");
    const time = bytes[tfdt + 4] === 1 ? Number(bytes.readBigUInt64BE(tfdt + 8)) : bytes.readUInt32BE(tfdt + 8);
    return [{ start: time / timescale, bytes: Buffer.concat([bytes, boxes[index + 1].bytes]) }];
  });
  return { init, fragments };
}
const tracks = { video: fragmentsOf("video.mp4", 90000), audio: fragmentsOf("audio.mp4", 48000) };
async function run(hinted) {
  const asked = [];
  const waiting = [];
  let began = 0;
  const there = (track) => {
    const media = (performance.now() - began) / 1000 + 2.6; // s
    return tracks[track].fragments.filter((_, index) => {
      const next = tracks[track].fragments[index + 1];
      return next !== undefined && next.start - tracks[track].fragments[0].start <= media;
    }).length;
  };
  const playlist = (track) => {
    const { fragments } = tracks[track];
    const count = there(track);
    const lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-TARGETDURATION:2", "#EXT-X-PART-INF:PART-TARGET=0.352",
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.704,HOLD-BACK=6", "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-INDEPENDENT-SEGMENTS", `#EXT-X-MAP:URI="init-${track}.mp4"`];
    for (let index = 0; index < count; index++) {
      const { start } = fragments[index];
      const [msn, part] = [Math.floor(index / PARTS), index % PARTS];
      const date = new Date(Date.UTC(2026, 10, 28) + 1000 * start).toISOString();
      if (part === 0) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date}`);
      const duration = Math.floor(1e5 * (fragments[index + 1].start - start)) / 1e5;
      lines.push(`#EXT-X-PART:DURATION=${duration.toFixed(5)},URI="${track}-${msn}.${part}.m4s"` +
        (part === 0 || track === "audio" ? ",INDEPENDENT=YES" : ""));
      if (part === PARTS - 1) lines.push("#EXTINF:1.02400,", `${track}-${msn}.m4s`);
    }
    const next = `${track}-${Math.floor(count / PARTS)}.${count % PARTS}.m4s`;
    if (hinted) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${next}"`);
    return `${lines.join("\n")}\n`;
  };
  const index = ["#EXTM3U", '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.4d400a,mp4a.40.2",RESOLUTION=160x120,AUDIO="a"', "video.m3u8", ""].join("\n");
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://x");
    const name = url.pathname.slice(1);
    const [, track, msn, part] = /^(video|audio)-(\d+)(?:\.(\d+))?\.m4s$/.exec(name) ?? [];
    const answer = (body, type) => response.setHeader("content-type", type).end(body);
    if (name === "") return answer("<!doctype html>", "text/html");
    if (name === "hls.js") return answer(readFileSync("node_modules/hls.js/dist/hls.js"), "text/javascript");
    if (name === "index.m3u8") return answer(index, "application/vnd.apple.mpegurl");
    if (name.startsWith("init-")) return answer(tracks[name.slice(5, 10)].init, "video/mp4");
    if (track) {
      if (track === "audio") asked.push(name);
      const from = Number(msn) * PARTS + Number(part ?? 0);
      const bytes = tracks[track].fragments.slice(from, from + (part === undefined ? PARTS : 1)).map((each) => each.bytes);
      return answer(Buffer.concat(bytes), "video/mp4");
    }
    const of = name.slice(0, 5);
    if (!tracks[of]) return response.writeHead(404).end();
    const needed = url.searchParams.has("_HLS_msn")
      ? Number(url.searchParams.get("_HLS_msn")) * PARTS + Number(url.searchParams.get("_HLS_part") ?? PARTS - 1) + 1 : 0;
    const timer = setInterval(() => {
      if (there(of) < needed) return;
      clearInterval(timer);
      answer(playlist(of), "application/vnd.apple.mpegurl");
    }, 5);
    waiting.push(timer);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--autoplay-policy=no-user-gesture-required"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.addScriptTag({ url: "/hls.js" });
    began = performance.now();
    const played = await page.evaluate(async () => {
      const video = document.createElement("video");
      video.muted = true;
      document.body.append(video);
      const hls = new Hls({ lowLatencyMode: true });
      hls.loadSource("index.m3u8");
      hls.attachMedia(video);
      void video.play();
      let [longest, since, last] = [0, 0, 0];
      const end = performance.now() + 6000;
      while (performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (video.currentTime > last || video.readyState === 0) since = performance.now();
        last = video.currentTime;
        longest = Math.max(longest, performance.now() - since);
      }
      return { played: video.currentTime, longest };
    });
    return { ...played, version: browser.version(), asked };
  } finally {
    await browser.close();
    for (const timer of waiting) clearInterval(timer);
    server.closeAllConnections();
    server.close();
  }
}

const [hinted, plain] = [await run(true), await run(false)];
console.log(`versions: Chromium ${hinted.version}, hls.js 1.7.4`);
console.log("expected: the sound's parts in their order, each once, in both; the picture never stands");
// The order in which they should be asked for, from the first on.
const inOrder = ({ asked }) => asked.every((name, index) => index === 0 || follows(asked[index - 1], name));
const place = (name) => (/-(\d+)\.(\d+)\./.exec(name) ?? [0, -1, -1]).slice(1).map(Number);
const follows = (before, name) => {
  const [[msn, part], [nextMsn, nextPart]] = [place(before), place(name)];
  return part === PARTS - 1 ? nextMsn === msn + 1 && nextPart === 0 : nextMsn === msn && nextPart === part + 1;
};
for (const [name, seen] of Object.entries({ "with hints": hinted, "without": plain })) {
  const order = inOrder(seen) ? "in their order" : "left out or fetched again";
  console.log(`seen:     ${name}: parts ${order}, the picture stood ${(seen.longest / 1000).toFixed(1)} s`);
  console.log(`          ${seen.asked.map((each) => each.slice(6, 9)).join(" ")}`);
}
const same = inOrder(hinted) && hinted.longest < 700 && !inOrder(plain) && plain.longest > 800;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 120 node probe.mjs
