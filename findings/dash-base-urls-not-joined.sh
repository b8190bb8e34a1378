#!/usr/bin/env bash
# The MPD has a relative BaseURL, "base/", and the Representation one of its own, "deep/".
# Expected: they are joined: base/deep/1.m4s (GStreamer does).
# What happens: FFmpeg leaves the MPD's out and asks for deep/1.m4s, VLC the Representation's and asks for
# base/1.m4s.
# Why it matters: each of the two finds nothing where the other looks; a tree with one folder for each
# rendition plays in neither, unless the folders stand in the template.
# Source: ISO/IEC 23009-1, 5.6.4 (Reference resolution: each BaseURL is resolved against the one above).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 souphttpsrc >/dev/null 2>&1 && gst-inspect-1.0 dashdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
need cvlc vlc-bin vlc-plugin-base
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mpd-parser@1.4.0
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p), VLC $(dpkg-query -W -f '${Version}' vlc-bin), mpd-parser 1.4.0"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f dash -seg_duration 2 -init_seg_name init.mp4 -media_seg_name '$Number$.m4s' all.mpd

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse } from "mpd-parser";

const mpd = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
  mediaPresentationDuration="PT8S" minBufferTime="PT2S">
  <BaseURL>base/</BaseURL>
  <Period>
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" duration="2000" startNumber="1" media="$Number$.m4s" initialization="init.mp4"/>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"><BaseURL>deep/</BaseURL></Representation>
    </AdaptationSet>
  </Period>
</MPD>`;
// Whatever folder is asked for: by its number, or by its time in ms, one of four segments of 2 s.
let asked = [];
const server = createServer((request, response) => {
  const path = request.url;
  if (path === "/x.mpd") return response.setHeader("content-type", "application/dash+xml").end(mpd);
  asked.push(path);
  const number = Number(/(\d+)\.m4s$/.exec(path)?.[1]);
  const file = path.endsWith("init.mp4") ? "init.mp4" : `${path.includes("/at") ? number / 2000 + 1 : number}.m4s`;
  response.statusCode = existsSync(file) ? 200 : 404;
  return response.end(existsSync(file) ? readFileSync(file) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = () => `http://127.0.0.1:${server.address().port}/x.mpd`;
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 25_000);
    program.on("close", () => resolve(clearTimeout(timer)));
  });
const players = {
  FFmpeg: () => run("ffmpeg", "-nostdin", "-v", "quiet", "-i", url(), "-c", "copy", "-f", "null", "-"),
  GStreamer: () => run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url()}`, "!", "dashdemux", "!", "fakesink", "sync=false"),
  // VLC refuses to run as root.
  VLC: () => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", url()),
};
const { segments } = parse(mpd, { manifestUri: "http://127.0.0.1/x.mpd" }).playlists[0];
const path = (address) => new URL(address).pathname;
const expected = [path(segments[0].map.resolvedUri), ...segments.map((segment) => path(segment.resolvedUri))];
console.log("expected:", expected.join(" "));
const seen = {};
for (const [name, play] of Object.entries(players)) {
  asked = [];
  await play();
  seen[name] = asked.join(" ");
  console.log(`seen:     ${name}: ${seen[name]}`);
}
server.closeAllConnections();
server.close();
const same = seen.FFmpeg.startsWith("/deep/init.mp4 /deep/1.m4s") && seen.VLC.startsWith("/base/init.mp4 /base/1.m4s") &&
  seen.GStreamer === expected.join(" ");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
