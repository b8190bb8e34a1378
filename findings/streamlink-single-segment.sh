#!/usr/bin/env bash
# A finished recording of one segment (EXT-X-ENDLIST), fetched with streamlink: with the media sequence number 0, which is the
# default, and with 1.
# Expected: playlist and segment are asked for once, and streamlink ends.
# What happens: with 1 it does; with 0 it loads the playlist again and again, and ends with an error when --stream-timeout is over (60 s
# by default, 4 s here).
# Why it matters: short clips, of one segment, take a minute each where they take a second; with two segments all is well.
# Source: RFC 8216, sections 4.3.3.4 (no more segments will be added after EXT-X-ENDLIST) and 4.3.3.2 (numbers begin at 0).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need streamlink streamlink
echo "versions: $(streamlink --version), $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -f mpegts 0.ts

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

let asked = 0;
const server = createServer((request, response) => {
  const first = /^\/(\d)\.m3u8$/.exec(request.url)?.[1];
  if (first === undefined) return response.setHeader("content-type", "video/mp2t").end(readFileSync("0.ts"));
  asked++;
  response.setHeader("content-type", "application/vnd.apple.mpegurl");
  return response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${first}\n#EXTINF:1,\nsegment.ts\n#EXT-X-ENDLIST\n`);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const seen = [];
for (const first of [0, 1]) {
  asked = 0;
  const words = ["--loglevel", "none", "--stream-timeout", "4", "--output", "out.ts", "--force"];
  const code = await new Promise((resolve) => {
    const url = `http://127.0.0.1:${server.address().port}/${first}.m3u8`;
    const program = spawn("streamlink", [...words, url, "best"], { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 30_000);
    program.on("close", (code) => resolve(clearTimeout(timer) ?? code));
  });
  seen.push({ first, asked, code });
}
server.closeAllConnections();
server.close();
// Streamlink asks once to know what it has, and once to play.
console.log("expected: two requests for the playlist at most, with 0 and with 1");
console.log(`seen:     ${seen.map(({ first, asked, code }) => `with ${first}: ${asked} requests, ends with ${code}`).join("; ")}`);
const [zero, one] = seen;
const same = zero.asked > 3 && one.asked <= 2 && zero.code === 1 && one.code === 0;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
