#!/usr/bin/env bash
# A live playlist of three segments is written from a stream with a keyframe each second, but for one gap of four.
# Expected: one EXT-X-TARGETDURATION from the first playlist to the last; at most it grows when it must.
# What happens: FFmpeg's hls muxer and GStreamer's hlssink2 count it anew for each playlist, from the segments in it: 1, then
# 4 while the long one is in the list, then 1 again.
# Why it matters: players derive from it how often they load the playlist and how far from the live edge they stay: they
# jump when it changes, and validators refuse such a stream.
# Source: RFC 8216, section 6.2.1 (what a server may change in a playlist; the target duration isn't among it) and 6.3.4.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
gst-inspect-1.0 hlssink2 >/dev/null 2>&1 && gst-inspect-1.0 qtdemux >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p), Node $(node --version)"
# Keyframes at 0, 1, 2, 3, 7, 8, 9, 10 and 11 s.
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=12 -c:v libx264 -preset ultrafast -g 999 -sc_threshold 0 \
  -pix_fmt yuv420p -force_key_frames 0,1,2,3,7,8,9,10,11 in.mp4

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";

// The target durations of the playlist, in the order in which they were seen, while the program writes it.
async function durations(name, command, ...words) {
  mkdirSync(name);
  const seen = [];
  const program = spawn(command, words, { stdio: "ignore", cwd: name });
  let running = true;
  program.on("close", () => (running = false));
  const timer = setTimeout(() => program.kill("SIGKILL"), 40_000);
  while (running) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const text = existsSync(`${name}/x.m3u8`) ? readFileSync(`${name}/x.m3u8`, "utf8") : "";
    const duration = /TARGETDURATION:(\d+)\n/.exec(text)?.[1];
    if (duration !== undefined && duration !== seen.at(-1)) seen.push(duration);
  }
  clearTimeout(timer);
  return seen.join(", ");
}
const [ffmpeg, gstreamer] = await Promise.all([
  durations("ffmpeg", "ffmpeg", ..."-nostdin -v quiet -re -i ../in.mp4 -c copy -f hls -hls_time 1 -hls_list_size 3 x.m3u8".split(" ")),
  durations("gstreamer", "gst-launch-1.0", ..."-q filesrc location=../in.mp4 ! qtdemux ! h264parse ! identity sync=true !".split(" "),
    ..."hlssink2 location=%05d.ts playlist-location=x.m3u8 target-duration=1 playlist-length=3".split(" ")),
]);
console.log("expected: 1, or 1, 4");
console.log(`seen:     FFmpeg ${ffmpeg}; GStreamer ${gstreamer}`);
const same = ffmpeg === "1, 4, 1" && gstreamer === "1, 4, 1";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
