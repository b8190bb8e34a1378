#!/usr/bin/env bash
# Encrypted fragments without IVs in the playlist, once with media sequence numbers from 2147483640, once from 3000000000, and
# with microseconds since 1970, as FFmpeg's -hls_start_number_source epoch_us counts: two starts, 40 minutes apart.
# Expected: all four play; the IV is the sequence number, which may have 64 bits.
# What happens: Shaka plays the first and the third. Where bit 31 of the number is set, its upper bytes in the IV become
# ones: what a segment begins with is garbage, and there is no picture. hls.js plays all.
# Why it matters: with microseconds that bit changes every 36 minutes: a live stream plays, stops, and plays again.
# Source: RFC 8216, sections 5.2 (the IV is the sequence number, big-endian, zeros on the left) and 4.1 (decimal integers
# go to 2^64-1); FFmpeg documentation, hls_start_number_source.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need chromium chromium
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 shaka-player@5.2.12 hls.js@1.7.4
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_list_size 0 -hls_segment_type fmp4 -hls_segment_filename %d.m4s x.m3u8

cat >probe.mjs <<'JS'
import { createCipheriv, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const key = randomBytes(16);
const files = {
  "/": "<!doctype html><video muted></video><script src=shaka.js></script><script src=hls.js></script>",
  "/shaka.js": readFileSync("node_modules/shaka-player/dist/shaka-player.compiled.js"),
  "/hls.js": readFileSync("node_modules/hls.js/dist/hls.min.js"),
  "/init.mp4": readFileSync("init.mp4"),
  "/key.bin": key,
};
const firsts = [2147483640n, 3000000000n, 1795856349382661n, 1795858749382661n];
for (const first of firsts) {
  const lines = [0, 1, 2].map((index) => {
    const iv = Buffer.alloc(16);
    iv.writeBigUInt64BE(first + BigInt(index), 8);
    const cipher = createCipheriv("aes-128-cbc", key, iv);
    const name = `${first + BigInt(index)}.m4s`;
    files[`/${name}`] = Buffer.concat([cipher.update(readFileSync(`${index}.m4s`)), cipher.final()]);
    return `#EXTINF:2,\n${name}\n`;
  });
  files[`/${first}.m3u8`] = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:${first}
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="init.mp4"
#EXT-X-KEY:METHOD=AES-128,URI="key.bin"
${lines.join("")}#EXT-X-ENDLIST
`;
}
const types = { ".m3u8": "application/vnd.apple.mpegurl", ".js": "text/javascript", ".mp4": "video/mp4", ".m4s": "video/mp4" };
const server = createServer((request, response) => {
  response.statusCode = request.url in files ? 200 : 404;
  const type = request.url === "/" ? "text/html" : (types[/\.\w+$/.exec(request.url)?.[0]] ?? "application/octet-stream");
  response.setHeader("content-type", type).end(files[request.url]);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--autoplay-policy=no-user-gesture-required"] });
const plays = async (player, first) => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const text = await page.evaluate(
    async ([player, playlist]) => {
      const video = document.querySelector("video");
      let failed = false;
      if (player === "Shaka") {
        shaka.polyfill.installAll();
        const shakaPlayer = new shaka.Player();
        await shakaPlayer.attach(video);
        shakaPlayer.addEventListener("error", () => (failed = true));
        shakaPlayer.load(playlist).catch(() => (failed = true));
      } else {
        const hls = new Hls();
        hls.on(Hls.Events.ERROR, (_, { fatal }) => fatal && (failed = true));
        hls.loadSource(playlist);
        hls.attachMedia(video);
      }
      video.play().catch(() => undefined);
      const frames = () => video.getVideoPlaybackQuality().totalVideoFrames;
      const end = performance.now() + 10_000;
      while (!failed && frames() < 10 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
      return frames() < 10 ? "doesn't" : "plays";
    },
    [player, `${first}.m3u8`],
  );
  await page.close();
  return text;
};
const seen = {};
try {
  for (const player of ["Shaka", "hls.js"]) {
    seen[player] = [];
    for (const first of firsts) seen[player].push(await plays(player, first));
  }
} finally {
  console.log(`versions: Shaka 5.2.12, hls.js 1.7.4, Chromium ${browser.version()}`);
  await browser.close();
  server.closeAllConnections();
  server.close();
}
console.log("expected: plays, plays, plays, plays");
console.log(`seen:     Shaka: ${seen.Shaka.join(", ")}; hls.js: ${seen["hls.js"].join(", ")}`);
const same = seen.Shaka.join() === "plays,doesn't,plays,doesn't" && seen["hls.js"].join() === "plays,plays,plays,plays";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 100 node probe.mjs
