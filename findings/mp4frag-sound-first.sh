#!/usr/bin/env bash
# Fragmented MP4 with a keyframe at the head of each fragment, once with the picture as first track, once with the sound.
# Expected: mp4frag says keyframe: true for each segment of both.
# What happens: true with the picture first, false for every segment with the sound first: it walks through
# the mdat as if it began with H.264, and takes AAC for the lengths of NAL units.
# Why it matters: which track comes first is the order of -map, or the camera's; code that lets a viewer in
# at the next segment with a keyframe then waits for ever.
# Source: ISO/IEC 14496-12, 8.8.8 (a track's samples are where its trun's data_offset says); mp4frag's documentation of keyframe.
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

const keyframes = async (...maps) => {
  const words = `-nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=4 -f lavfi -i sine=d=4 ${maps.map((map) => `-map ${map}`).join(" ")} -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 pipe:1`;
  const movie = execFileSync("ffmpeg", words.split(" "));
  const fragments = new Mp4Frag({ readableObjectMode: true });
  const seen = [];
  fragments.on("data", (part) => part.type === "segment" && seen.push(part.keyframe));
  fragments.write(movie);
  return seen.join(" ");
};
const [picture, sound] = [await keyframes("0:v", "1:a"), await keyframes("1:a", "0:v")];
console.log("expected: true true true true, in both orders");
console.log(`seen:     ${picture} with the picture first, ${sound} with the sound first`);
const same = picture === "true true true true" && sound === "false false false false";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
