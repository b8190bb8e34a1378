#!/usr/bin/env bash
# Encrypted fragments (AES-128) with the init segment in the clear, its EXT-X-MAP before the EXT-X-KEY; and with an
# encrypted init segment, its EXT-X-MAP after an EXT-X-KEY that has an IV.
# Expected: all players play both: a key is for what stands behind it, EXT-X-MAP as well as segments.
# What happens: VLC plays only the one in the clear, and asks for no key for the other. GStreamer (hlsdemux and
# hlsdemux2) doesn't play the one in the clear: it can't tell what it has. FFmpeg plays both.
# Why it matters: both ways are in use, and each keeps a player out; the same fragments without encryption play in all.
# Source: RFC 8216, sections 4.3.2.4 (EXT-X-KEY applies to what stands between it and the next), 4.3.2.5 and 5.2.
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
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p), VLC $(dpkg-query -W -f '${Version}' vlc-bin), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f hls -hls_time 2 -hls_list_size 0 -hls_segment_type fmp4 -hls_segment_filename %d.m4s x.m3u8

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";

const key = randomBytes(16);
const encrypted = (name, iv) => {
  const cipher = createCipheriv("aes-128-cbc", key, iv);
  return Buffer.concat([cipher.update(readFileSync(name)), cipher.final()]);
};
const initIv = Buffer.alloc(16, 5);
const files = { "/key.bin": key, "/clear.mp4": readFileSync("init.mp4"), "/encrypted.mp4": encrypted("init.mp4", initIv) };
// Without an IV in EXT-X-KEY it is the segment's media sequence number: 0 to 3.
const plain = [0, 1, 2, 3].map((number) => {
  files[`/plain${number}.m4s`] = readFileSync(`${number}.m4s`);
  return `#EXTINF:2,\nplain${number}.m4s`;
});
const segments = [0, 1, 2, 3].map((number) => {
  const iv = Buffer.alloc(16);
  iv[15] = number;
  files[`/${number}.m4s`] = encrypted(`${number}.m4s`, iv);
  return `#EXTINF:2,\n${number}.m4s`;
});
const keyTag = '#EXT-X-KEY:METHOD=AES-128,URI="key.bin"';
const playlist = (...lines) =>
  ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:VOD", ...lines, "#EXT-X-ENDLIST", ""].join("\n");
files["/plain.m3u8"] = playlist('#EXT-X-MAP:URI="clear.mp4"', ...plain);
files["/clear.m3u8"] = playlist('#EXT-X-MAP:URI="clear.mp4"', keyTag, ...segments);
files["/encrypted.m3u8"] = playlist(`${keyTag},IV=0x${initIv.toString("hex")}`, '#EXT-X-MAP:URI="encrypted.mp4"', keyTag, ...segments);

const server = createServer((request, response) => {
  const type = request.url.endsWith(".m3u8") ? "application/vnd.apple.mpegurl" : "application/octet-stream";
  response.statusCode = request.url in files ? 200 : 404;
  response.setHeader("content-type", type).end(files[request.url]);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const run = (command, ...words) =>
  new Promise((resolve) => {
    const program = spawn(command, words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 25_000);
    program.on("close", () => resolve(clearTimeout(timer)));
  });
// Each writes the stream to out.ts as it is.
const gstreamer = (...source) => run("gst-launch-1.0", "-q", ...source, "!", "h264parse", "!", "mpegtsmux", "!", "filesink", "location=out.ts");
const players = {
  FFmpeg: (url) => run("ffmpeg", "-nostdin", "-v", "quiet", "-i", url, "-c", "copy", "-f", "mpegts", "out.ts"),
  hlsdemux: (url) => gstreamer("souphttpsrc", `location=${url}`, "!", "hlsdemux", "!", "qtdemux"),
  hlsdemux2: (url) => gstreamer("urisourcebin", `uri=${url}`, "!", "parsebin"),
  // VLC refuses to run as root.
  VLC: (url) => run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", `HOME=${process.cwd()}/home`, "cvlc", "-q",
    "--intf", "dummy", "--play-and-exit", "--sout", "#std{access=file,mux=ts,dst=out.ts}", url),
};
const seen = {};
for (const [name, play] of Object.entries(players)) {
  // GStreamer is not asked for the encrypted one.
  for (const init of name.startsWith("hlsdemux") ? ["plain", "clear"] : ["plain", "clear", "encrypted"]) {
    rmSync("out.ts", { force: true });
    await play(`http://127.0.0.1:${server.address().port}/${init}.m3u8`);
    const plays = existsSync("out.ts") && statSync("out.ts").size > 50_000;
    seen[name] = [...(seen[name] ?? []), plays ? "plays" : "doesn't"];
  }
}
server.closeAllConnections();
server.close();
const text = Object.entries(seen).map(([name, words]) => `${name}: ${words.join(", ")}`);
const recorded = ["FFmpeg: plays, plays, plays", "hlsdemux: plays, doesn't", "hlsdemux2: plays, doesn't", "VLC: plays, plays, doesn't"];
console.log("expected: plays, plays, plays (without encryption, init in the clear, init encrypted)");
console.log(`seen:     ${text.join("\n          ")}`);
const same = text.join() === recorded.join();
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 150 node probe.mjs
