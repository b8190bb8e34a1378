#!/usr/bin/env bash
# A SegmentTemplate whose addresses have a query, $Number$.m4s?time=7&key=a&again=b, as signed addresses have.
# Expected: it is asked for as it stands.
# What happens: GStreamer takes the query apart and puts it together in another order. FFmpeg and VLC leave it as it is.
# Why it matters: servers and caches that sign or compare whole addresses refuse it, or fetch each segment twice.
# Source: RFC 3986, section 3.4 (a query has no order that a client might change); ISO/IEC 23009-1, 5.3.9.4.4.
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
  mediaPresentationDuration="PT6S" minBufferTime="PT2S">
  <Period>
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" duration="2000" startNumber="1" media="$Number$.m4s?time=7&amp;key=a&amp;again=b" initialization="init.mp4"/>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"/>
    </AdaptationSet>
  </Period>
</MPD>`;
let asked = [];
const server = createServer((request, response) => {
  const name = request.url.slice(1).split("?")[0];
  if (name === "x.mpd") return response.setHeader("content-type", "application/dash+xml").end(mpd);
  if (name === "1.m4s") asked.push(request.url);
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
const expected = "/1.m4s?time=7&key=a&again=b";
console.log(`expected: ${expected}`);
console.log(`seen:     ${Object.entries(seen).map(([name, paths]) => `${name}: ${paths}`).join("\n          ")}`);
const sorted = (path) => path.split("?")[1].split("&").sort().join("&");
const same = seen.FFmpeg === expected && seen.VLC === expected && seen.GStreamer !== expected && sorted(seen.GStreamer) === sorted(expected);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
