#!/usr/bin/env bash
# A master playlist with one variant, with nothing between EXT-X-STREAM-INF and its address, with a comment there, and with a
# blank line.
# Expected: all three play; blank lines are ignored.
# What happens: VLC plays the first two; of the third it asks for nothing, and plays nothing. FFmpeg and GStreamer play
# all three.
# Why it matters: templates and editors leave blank lines, which every other player overlooks.
# Source: RFC 8216, section 4.1 (blank lines are ignored) and 4.3.4.2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 souphttpsrc >/dev/null 2>&1 && gst-inspect-1.0 hlsdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
need cvlc vlc-bin vlc-plugin-base
echo "versions: VLC $(dpkg-query -W -f '${Version}' vlc-bin), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)," \
  "$(gst-launch-1.0 --version | sed -n 2p), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_list_size 0 -hls_segment_filename %d.ts x.m3u8

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const between = { nothing: "", comment: "# the only one\n", blank: "\n" };
let segments = new Set();
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  if (name.endsWith(".ts")) segments.add(name);
  const lines = between[/^master-(\w+)\.m3u8$/.exec(name)?.[1]];
  response.setHeader("content-type", name.endsWith(".m3u8") ? "application/vnd.apple.mpegurl" : "video/mp2t");
  if (lines !== undefined) {
    return response.end(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS="avc1.42c00b",RESOLUTION=160x120\n${lines}x.m3u8\n`);
  }
  response.statusCode = existsSync(name) ? 200 : 404;
  return response.end(existsSync(name) ? readFileSync(name) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 20_000);
    program.on("close", () => resolve(clearTimeout(timer)));
  });
const players = {
  FFmpeg: (url) => run("ffmpeg", "-nostdin", "-v", "quiet", "-i", url, "-c", "copy", "-f", "null", "-"),
  GStreamer: (url) => run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url}`, "!", "hlsdemux", "!", "fakesink", "sync=false"),
  // VLC refuses to run as root.
  VLC: (url) => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", url),
};
const seen = [];
for (const [name, play] of Object.entries(players)) {
  const words = [];
  for (const kind of Object.keys(between)) {
    segments = new Set();
    await play(`http://127.0.0.1:${server.address().port}/master-${kind}.m3u8`);
    words.push(`${kind} ${segments.size}`);
  }
  seen.push(`${name}: ${words.join(", ")}`);
}
server.closeAllConnections();
server.close();
console.log("expected: nothing 3, comment 3, blank 3 (segments that were asked for)");
console.log(`seen:     ${seen.join("\n          ")}`);
const all = "nothing 3, comment 3, blank 3";
const same = seen.join("; ") === `FFmpeg: ${all}; GStreamer: ${all}; VLC: nothing 3, comment 3, blank 0`;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 120 node probe.mjs
