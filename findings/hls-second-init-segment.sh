#!/usr/bin/env bash
# A recording of fragments whose picture grows from 160x120 to 320x240 at a discontinuity, with an init segment for each half.
# Expected: after EXT-X-DISCONTINUITY and the second EXT-X-MAP, its init segment is asked for, then its segments; pictures
# of 320x240 come out.
# What happens: VLC and GStreamer's hlsdemux never ask for the second init segment, FFmpeg only after the segment that needs
# it. None of the three shows one right picture of the second half. GStreamer's hlsdemux2 does.
# Why it matters: a stream that changes its size, or a recording after an encoder was started again, is broken from
# there on; FFmpeg ends with 0.
# Source: RFC 8216, sections 4.3.2.5 (EXT-X-MAP applies to the segments after it, until the next) and 4.3.2.3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 souphttpsrc >/dev/null 2>&1 && gst-inspect-1.0 hlsdemux2 >/dev/null 2>&1 && gst-inspect-1.0 avdec_h264 >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav >/dev/null; }
need cvlc vlc-bin vlc-plugin-base
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)," \
  "VLC $(dpkg-query -W -f '${Version}' vlc-bin), Node $(node --version)"
half() { # NAME SIZE
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=$2:r=25:d=4" -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
    -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_list_size 0 -hls_segment_type fmp4 \
    -hls_fmp4_init_filename "$1-init.mp4" -hls_segment_filename "$1-%d.m4s" "$1.m3u8"
}
half small 160x120
half large 320x240

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const half = (name) => `#EXT-X-MAP:URI="${name}-init.mp4"\n#EXTINF:2,\n${name}-0.m4s\n#EXTINF:2,\n${name}-1.m4s\n`;
const playlist = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
${half("small")}#EXT-X-DISCONTINUITY
${half("large")}#EXT-X-ENDLIST
`;
let asked = [];
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  if (name === "x.m3u8") return response.setHeader("content-type", "application/vnd.apple.mpegurl").end(playlist);
  if (name.startsWith("large")) asked.push(name.split(/[-.]/)[1]);
  response.statusCode = existsSync(name) ? 200 : 404;
  return response.setHeader("content-type", "video/mp4").end(existsSync(name) ? readFileSync(name) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/x.m3u8`;
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: ["ignore", "pipe", "ignore"] });
    const parts = [];
    program.stdout.on("data", (part) => parts.push(part));
    const timer = setTimeout(() => program.kill("SIGKILL"), 25_000);
    program.on("close", () => resolve(clearTimeout(timer) ?? Buffer.concat(parts).toString()));
  });
// How many pictures come out 320 wide: FFmpeg says each frame's width, GStreamer says each change.
const large = (name) => run("ffprobe", "-v", "quiet", "-show_entries", "frame=width", "-of", "csv=p=0", name).then((text) => /^320/m.test(text));
const gstreamer = async (...words) => /width=\(int\)320/.test(await run("gst-launch-1.0", "-v", ...words, "!", "fakesink", "sync=false"));
const players = {
  FFmpeg: () => large(url),
  hlsdemux: () => gstreamer("souphttpsrc", `location=${url}`, "!", "hlsdemux", "!", "decodebin"),
  hlsdemux2: () => gstreamer("urisourcebin", `uri=${url}`, "!", "decodebin3"),
  // VLC refuses to run as root; it writes the stream to a file as it is.
  VLC: () =>
    run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
      "--intf", "dummy", "--play-and-exit", "--sout", "#std{access=file,mux=ts,dst=out.ts}", url).then(() => large("out.ts")),
};
const seen = [];
for (const [name, play] of Object.entries(players)) {
  asked = [];
  const found = await play();
  seen.push(`${name}: ${asked.join(" ")}; ${found ? "some" : "no"} large pictures`);
}
server.closeAllConnections();
server.close();
console.log("expected: init 0 1; some large pictures");
console.log(`seen:     ${seen.join("\n          ")}`);
const recorded = [
  "FFmpeg: 0 init 1; no large pictures",
  "hlsdemux: 0 1; no large pictures",
  "hlsdemux2: init 0 1; some large pictures",
  "VLC: 0; no large pictures",
];
const same = seen.join() === recorded.join();
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 120 node probe.mjs
