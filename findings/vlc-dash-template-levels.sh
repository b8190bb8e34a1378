#!/usr/bin/env bash
# A SegmentTemplate stands at two levels: the AdaptationSet's has the timeline and the init
# segment, the Representation's only its own media address.
# Expected: what the lower one doesn't say is taken from the upper one (GStreamer does).
# What happens: VLC takes the lower one alone: no init segment, one segment, no picture, no error.
# Why it matters: timelines are written once for all renditions to keep the MPD small; VLC then plays nothing.
# Source: ISO/IEC 23009-1, 5.3.9.1 (attributes and elements are inherited unless overridden).
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
echo "versions: VLC $(dpkg-query -W -f '${Version}' vlc-bin), $(gst-launch-1.0 --version | sed -n 2p), mpd-parser 1.4.0"
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
  <Period>
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" startNumber="1" initialization="init.mp4">
        <SegmentTimeline><S t="0" d="2000" r="3"/></SegmentTimeline>
      </SegmentTemplate>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"><SegmentTemplate media="high/$Number$.m4s"/></Representation>
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
  // VLC refuses to run as root.
  VLC: () => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", url()),
  GStreamer: () => run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url()}`, "!", "dashdemux", "!", "fakesink", "sync=false"),
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
const same = !seen.VLC.includes("init.mp4") && !seen.VLC.includes("/high/2.m4s") && seen.GStreamer === expected.join(" ");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
