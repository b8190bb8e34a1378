#!/usr/bin/env bash
# FFmpeg packages H.265 with AAC as HLS and as DASH, and for HLS also H.264 with Opus, H.264 with FLAC, and VP9 with AAC.
# Expected: CODECS and codecs name what is in the fragments, as mp4box.js reads it there: hvc1.1.6.L30.90 and so on.
# What happens: for H.265 HLS has a string with fixed parts, hvc1.1.4.L30.B01, and DASH only hvc1, without profile and level.
# With Opus, FLAC or VP9 the master playlist has no CODECS at all, not even for the codec that it knows.
# Why it matters: browsers say no to "hvc1" alone, so that players drop that Representation where H.265 would
# play; without CODECS they guess (H.264 with AAC) and set up the wrong buffers.
# Source: RFC 8216, section 4.3.4.2 (CODECS: every EXT-X-STREAM-INF should have one, with every format in it); RFC 6381,
# section 3.4; ISO/IEC 14496-15, annex E (hvc1's parameter).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mp4box@2.4.1
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), mp4box 2.4.1, Node $(node --version)"

input() { echo "-nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=2 -f lavfi -i sine=d=2:r=48000 -pix_fmt yuv420p"; }
hls() { # FOLDER CODEC-OPTIONS...
  mkdir "$1"
  (cd "$1" && timeout 60 ffmpeg $(input) "${@:2}" -f hls -hls_segment_type fmp4 -master_pl_name all.m3u8 one.m3u8)
}
h265=(-c:v libx265 -x265-params log-level=none -preset ultrafast -tag:v hvc1)
h264=(-c:v libx264 -preset ultrafast)
hls h265 "${h265[@]}" -c:a aac
hls opus "${h264[@]}" -c:a libopus
hls flac "${h264[@]}" -c:a flac -strict experimental
hls vp9 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a aac
mkdir dash
(cd dash && timeout 60 ffmpeg $(input) "${h265[@]}" -c:a aac -f dash all.mpd)

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createFile } from "mp4box";

const inFile = (name) => {
  const file = createFile();
  let codecs;
  file.onReady = (info) => (codecs = info.tracks.map((track) => track.codec).join(","));
  const bytes = readFileSync(name);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  buffer.fileStart = 0;
  file.appendBuffer(buffer);
  return codecs;
};
const inMaster = (folder) => /CODECS="([^"]*)"/.exec(readFileSync(`${folder}/all.m3u8`, "utf8"))?.[1] ?? "none";
const folders = ["h265", "opus", "flac", "vp9"];
const dash = [...readFileSync("dash/all.mpd", "utf8").matchAll(/codecs="([^"]*)"/g)].map((match) => match[1]).join(",");
console.log(`expected: ${folders.map((folder) => inFile(`${folder}/init.mp4`)).join("; ")}; DASH: ${inFile("h265/init.mp4")}`);
const seen = `${folders.map(inMaster).join("; ")}; DASH: ${dash}`;
console.log(`seen:     ${seen}`);
const same = seen === "hvc1.1.4.L30.B01,mp4a.40.2; none; none; none; DASH: hvc1,mp4a.40.2" &&
  inFile("h265/init.mp4") === "hvc1.1.6.L30.90,mp4a.40.2";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
