#!/usr/bin/env bash
# H.265 with 4:2:2 and 10 bit, as cameras and grabbers give it, in fragmented MP4. Its constraint flags
# fill two bytes, 9D and 08 (8-bit 4:2:0 has one, 90).
# Expected: mp4frag's type is hvc1.4.10.L30.9D.8, each byte by itself with a full stop before it.
# What happens: hvc1.4.10.L30.9d08: the bytes are joined. Zeros between them would be left out as well.
# Why it matters: the type is made for MediaSource.isTypeSupported and addSourceBuffer; to a browser that
# reads it by the rule, "9d08" is no constraint byte, and it may say no to a stream that it plays.
# Source: ISO/IEC 14496-15, annex E.3 (codecs parameter: each of the constraint bytes in hexadecimal, separated by full stops).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mp4frag@0.7.0
echo "versions: mp4frag 0.7.0, $(ffmpeg -version | head -1 | cut -d" " -f1-3), Node $(node --version)"

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import Mp4Frag from "mp4frag";

const mime = (format) => {
  const words = `-nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt ${format}`;
  const movie = execFileSync("ffmpeg", [...words.split(" "), ..."-tag:v hvc1 -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 pipe:1".split(" ")]);
  const fragments = new Mp4Frag();
  fragments.resume();
  fragments.write(movie);
  return /codecs="(.*)"/.exec(fragments.mime)[1];
};
const seen = [mime("yuv420p"), mime("yuv422p10le")];
console.log("expected: hvc1.1.6.L30.90 and hvc1.4.10.L30.9D.8");
console.log("seen:    ", seen.join(" and "));
const same = seen.join(" ") === "hvc1.1.6.L30.90 hvc1.4.10.L30.9d08";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
