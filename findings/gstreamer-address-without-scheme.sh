#!/usr/bin/env bash
# A playlist whose segments have addresses without a scheme, "//127.0.0.1:8000/0.ts", as pages use them.
# Expected: http://127.0.0.1:8000/0.ts is asked for, the scheme being the playlist's.
# What happens: GStreamer takes the host for a folder and asks the playlist's own server for //127.0.0.1:8000/0.ts. FFmpeg and VLC
# ask for the right one.
# Why it matters: a playlist that serves http and https alike sends its viewers to another host this way; in GStreamer
# nothing plays, and the log shows an address that looks right at first glance.
# Source: RFC 3986, sections 4.2 (network-path reference) and 5.2.2; RFC 8216, section 4.1 (URIs may be relative).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 souphttpsrc >/dev/null 2>&1 && gst-inspect-1.0 hlsdemux2 >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
need cvlc vlc-bin vlc-plugin-base
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)," \
  "VLC $(dpkg-query -W -f '${Version}' vlc-bin), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_list_size 0 -hls_segment_filename %d.ts x.m3u8

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

let asked = [];
const server = createServer((request, response) => {
  const { port } = server.address();
  const path = request.url;
  if (path === "/x.m3u8") {
    const segments = [0, 1, 2].map((number) => `#EXTINF:2,\n//127.0.0.1:${port}/${number}.ts\n`).join("");
    response.setHeader("content-type", "application/vnd.apple.mpegurl");
    return response.end(`#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n${segments}#EXT-X-ENDLIST\n`);
  }
  asked.push(path.replace(`:${port}`, ":PORT"));
  const name = path.slice(1);
  response.statusCode = existsSync(name) ? 200 : 404;
  return response.setHeader("content-type", "video/mp2t").end(existsSync(name) ? readFileSync(name) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/x.m3u8`;
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 20_000);
    program.on("close", () => resolve(clearTimeout(timer)));
  });
const players = {
  FFmpeg: () => run("ffmpeg", "-nostdin", "-v", "quiet", "-i", url, "-c", "copy", "-f", "null", "-"),
  hlsdemux: () => run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url}`, "!", "hlsdemux", "!", "fakesink", "sync=false"),
  hlsdemux2: () => run("gst-launch-1.0", "-q", "urisourcebin", `uri=${url}`, "!", "parsebin", "!", "fakesink", "sync=false"),
  // VLC refuses to run as root.
  VLC: () => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", url),
};
const seen = {};
for (const [name, play] of Object.entries(players)) {
  asked = [];
  await play();
  seen[name] = [...new Set(asked)].sort().join(" ");
}
server.closeAllConnections();
server.close();
console.log("expected: /0.ts /1.ts /2.ts");
console.log(`seen:     ${Object.entries(seen).map(([name, paths]) => `${name}: ${paths}`).join("\n          ")}`);
const right = "/0.ts /1.ts /2.ts";
const wrong = (paths) => paths.startsWith("//127.0.0.1:PORT/0.ts") && !paths.includes(" /");
const same = seen.FFmpeg === right && seen.VLC === right && wrong(seen.hlsdemux.replaceAll(" //", ",")) && wrong(seen.hlsdemux2.replaceAll(" //", ","));
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
