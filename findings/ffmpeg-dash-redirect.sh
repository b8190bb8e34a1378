#!/usr/bin/env bash
# An MPD's address answers with a redirect to another folder, /moved/x.mpd; its segments have relative addresses.
# Expected: they are asked for in /moved, where the MPD came from (GStreamer and VLC do so, and FFmpeg itself with HLS).
# What happens: FFmpeg takes them from the folder of the first address.
# Why it matters: short links, load balancers and addresses with a token redirect; the redirect is followed, the
# MPD read, and every segment is not found.
# Source: RFC 3986, section 5.1.3 (the base is the last address of the redirects); ISO/IEC 23009-1, 5.6.4.
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
      <SegmentTemplate timescale="1000" duration="2000" startNumber="1" media="$Number$.m4s" initialization="init.mp4"/>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"/>
    </AdaptationSet>
  </Period>
</MPD>`;
let asked = [];
const server = createServer((request, response) => {
  const path = request.url;
  if (path === "/x.mpd") return response.writeHead(302, { location: "/moved/x.mpd" }).end();
  if (path === "/moved/x.mpd") return response.setHeader("content-type", "application/dash+xml").end(mpd);
  asked.push(path);
  const name = path.split("/").at(-1);
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
const expected = "/moved/init.mp4 /moved/1.m4s /moved/2.m4s /moved/3.m4s";
console.log(`expected: ${expected}`);
console.log(`seen:     ${Object.entries(seen).map(([name, paths]) => `${name}: ${paths}`).join("\n          ")}`);
const same = seen.FFmpeg.startsWith("/init.mp4 /1.m4s") && seen.GStreamer === expected && seen.VLC === expected;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
