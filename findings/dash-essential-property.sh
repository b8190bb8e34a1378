#!/usr/bin/env bash
# An MPD with two AdaptationSets of video. The first has an EssentialProperty of a scheme that nobody knows.
# Expected: the second is played; who doesn't know an EssentialProperty ignores what it stands in.
# What happens: GStreamer and VLC play the first, and never ask for the second's segments; FFmpeg and mpd-parser offer
# both, without a word about it.
# Why it matters: sets with one picture a second for seeking, thumbnails, or tiles of a panorama are marked this
# way, so that they may stand in the MPD at all: here they are what viewers get.
# Source: ISO/IEC 23009-1, 5.8.4.8 (EssentialProperty: the client shall ignore the parent element).
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
for set in first second; do
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
    -sc_threshold 0 -pix_fmt yuv420p -f dash -seg_duration 2 -init_seg_name $set-init.mp4 -media_seg_name "$set-\$Number\$.m4s" $set.mpd
done

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse } from "mpd-parser";

const set = (name, property) => `
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">${property}
      <SegmentTemplate timescale="1000" duration="2000" startNumber="1" media="${name}-$Number$.m4s" initialization="${name}-init.mp4"/>
      <Representation id="${name}" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"/>
    </AdaptationSet>`;
const mpd = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
  mediaPresentationDuration="PT8S" minBufferTime="PT2S">
  <Period>${set("first", '<EssentialProperty schemeIdUri="urn:example:unknown:2026" value="1"/>')}${set("second", "")}
  </Period>
</MPD>`;
let asked = new Set();
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  if (name === "x.mpd") return response.setHeader("content-type", "application/dash+xml").end(mpd);
  if (name.endsWith(".m4s")) asked.add(name.split("-")[0]);
  response.statusCode = existsSync(name) ? 200 : 404;
  return response.end(existsSync(name) ? readFileSync(name) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/x.mpd`;
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 25_000);
    program.on("close", () => resolve(clearTimeout(timer)));
  });
const players = {
  FFmpeg: () => run("ffprobe", "-v", "quiet", url),
  dashdemux: () => run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url}`, "!", "dashdemux", "!", "fakesink", "sync=false"),
  dashdemux2: () => run("gst-launch-1.0", "-q", "urisourcebin", `uri=${url}`, "!", "parsebin", "!", "fakesink", "sync=false"),
  // VLC refuses to run as root.
  VLC: () => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", url),
};
const seen = {};
for (const [name, play] of Object.entries(players)) {
  asked = new Set();
  await play();
  seen[name] = [...asked].sort().join(" and ");
}
server.closeAllConnections();
server.close();
seen["mpd-parser"] = parse(mpd, { manifestUri: url }).playlists.map((playlist) => playlist.attributes.NAME).join(" and ");
const text = Object.entries(seen).map(([name, sets]) => `${name}: ${sets}`).join("; ");
console.log("expected: second");
console.log(`seen:     ${text}`);
const same = text === "FFmpeg: first and second; dashdemux: first; dashdemux2: first; VLC: first; mpd-parser: first and second";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
