#!/usr/bin/env bash
# An MPD whose duration stands on its only Period (duration="PT6S"), not on the MPD.
# Expected: all three segments are fetched.
# What happens: FFmpeg fetches the first and ends with 0, as if the stream were over. GStreamer and VLC fetch all.
# Why it matters: the attribute on the MPD is needed only where the Period has none; who records such a stream with FFmpeg has
# its first seconds and no error.
# Source: ISO/IEC 23009-1, 5.3.1.2 (mediaPresentationDuration: needed where the last Period has no duration) and 5.3.2.2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 souphttpsrc >/dev/null 2>&1 && gst-inspect-1.0 dashdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
need cvlc vlc-bin vlc-plugin-base
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)," \
  "VLC $(dpkg-query -W -f '${Version}' vlc-bin), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f dash -seg_duration 2 -init_seg_name init.mp4 -media_seg_name '$Number$.m4s' all.mpd

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const mpd = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
  minBufferTime="PT2S">
  <Period duration="PT6S">
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" duration="2000" startNumber="1" media="$Number$.m4s" initialization="init.mp4"/>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"/>
    </AdaptationSet>
  </Period>
</MPD>`;
let asked = [];
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  if (name === "x.mpd") return response.setHeader("content-type", "application/dash+xml").end(mpd);
  asked.push(name);
  response.statusCode = existsSync(name) ? 200 : 404;
  return response.end(existsSync(name) ? readFileSync(name) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/x.mpd`;
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 20_000);
    program.on("close", () => resolve(clearTimeout(timer)));
  });
const players = {
  FFmpeg: () => run("ffmpeg", "-nostdin", "-v", "quiet", "-i", url, "-c", "copy", "-f", "null", "-"),
  GStreamer: () => run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url}`, "!", "dashdemux", "!", "fakesink", "sync=false"),
  // VLC refuses to run as root.
  VLC: () => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", url),
};
const seen = {};
for (const [name, play] of Object.entries(players)) {
  asked = [];
  await play();
  seen[name] = [...new Set(asked)].join(" ");
}
server.closeAllConnections();
server.close();
const expected = "init.mp4 1.m4s 2.m4s 3.m4s";
console.log(`expected: ${expected}`);
console.log(`seen:     ${Object.entries(seen).map(([name, paths]) => `${name}: ${paths}`).join("\n          ")}`);
const same = seen.FFmpeg === "init.mp4 1.m4s" && seen.GStreamer === expected && seen.VLC === expected;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
