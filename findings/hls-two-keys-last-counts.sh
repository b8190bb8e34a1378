#!/usr/bin/env bash
# Encrypted segments (AES-128) with two EXT-X-KEY tags of the same key: one for everybody (identity), and one whose
# KEYFORMAT is a DRM's that none of these players knows; once in this order, once the other way round.
# Expected: both play: of several tags with different KEYFORMAT a player takes one that it understands.
# What happens: FFmpeg, GStreamer, VLC and streamlink take the last, whatever its KEYFORMAT is: with identity first none of
# them asks for the key, and none plays; with identity last all do.
# Why it matters: which stands last is the packager's whim; put identity last, or these players are shut out.
# Source: RFC 8216, section 4.3.2.4 (two or more EXT-X-KEY tags with different KEYFORMAT may apply to the same segment).
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
need streamlink streamlink
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)," \
  "VLC $(dpkg-query -W -f '${Version}' vlc-bin), $(streamlink --version), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_list_size 0 -hls_segment_filename %d.ts x.m3u8

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";

const key = randomBytes(16);
const files = { "/key.bin": key };
const segments = [0, 1, 2].map((number) => {
  const iv = Buffer.alloc(16);
  iv[15] = number;
  const cipher = createCipheriv("aes-128-cbc", key, iv);
  files[`/${number}.ts`] = Buffer.concat([cipher.update(readFileSync(`${number}.ts`)), cipher.final()]);
  return `#EXTINF:2,\n${number}.ts\n`;
});
const identity = '#EXT-X-KEY:METHOD=AES-128,URI="key.bin"\n';
const other = '#EXT-X-KEY:METHOD=AES-128,URI="drm:1",KEYFORMAT="com.example.drm",KEYFORMATVERSIONS="1"\n';
const playlist = (keys) =>
  `#EXTM3U\n#EXT-X-VERSION:5\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n${keys}${segments.join("")}#EXT-X-ENDLIST\n`;
files["/first.m3u8"] = playlist(identity + other);
files["/last.m3u8"] = playlist(other + identity);
let asked = false;
const server = createServer((request, response) => {
  asked ||= request.url === "/key.bin";
  response.statusCode = request.url in files ? 200 : 404;
  const type = request.url.endsWith(".m3u8") ? "application/vnd.apple.mpegurl" : "video/mp2t";
  response.setHeader("content-type", type).end(files[request.url]);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: ["ignore", "pipe", "ignore"] });
    const parts = [];
    program.stdout.on("data", (part) => parts.push(part));
    const timer = setTimeout(() => program.kill("SIGKILL"), 25_000);
    program.on("close", () => resolve(clearTimeout(timer) ?? Buffer.concat(parts).toString()));
  });
// Each writes the stream to out.ts as it is.
const players = {
  FFmpeg: (url) => run("ffmpeg", "-nostdin", "-v", "quiet", "-i", url, "-c", "copy", "-f", "mpegts", "out.ts"),
  GStreamer: (url) =>
    run("gst-launch-1.0", "-q", "souphttpsrc", `location=${url}`, "!", "hlsdemux", "!", "tsdemux", "!", "h264parse", "!", "mpegtsmux", "!",
      "filesink", "location=out.ts"),
  // VLC refuses to run as root.
  VLC: (url) =>
    run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
      "--intf", "dummy", "--play-and-exit", "--sout", "#std{access=file,mux=ts,dst=out.ts}", url),
  streamlink: (url) => run("streamlink", "--loglevel", "none", "--output", "out.ts", "--force", url, "best"),
};
const seen = [];
for (const [name, play] of Object.entries(players)) {
  const words = [];
  for (const order of ["first", "last"]) {
    asked = false;
    rmSync("out.ts", { force: true });
    await play(`http://127.0.0.1:${server.address().port}/${order}.m3u8`);
    const frames = existsSync("out.ts")
      ? Number.parseInt(await run("ffprobe", "-v", "quiet", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", "out.ts"))
      : 0;
    words.push(`${asked ? "key asked for" : "key not asked for"}, ${frames > 100 ? "plays" : "doesn't play"}`);
  }
  seen.push(`${name}: ${words.join("; ")}`);
}
server.closeAllConnections();
server.close();
console.log("expected: key asked for, plays; key asked for, plays (identity first, identity last)");
console.log(`seen:     ${seen.join("\n          ")}`);
const same = seen.every((line) => line.endsWith(": key not asked for, doesn't play; key asked for, plays"));
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 150 node probe.mjs
