#!/usr/bin/env bash
# media-codecs gives a codec string its readable name. Three streams of x264: Constrained Baseline,
# Main and High, with the strings that their SPS gives (as in any HLS playlist).
# Expected: three names, with the levels; the letters' case doesn't count.
# What happens: only High is named. Constraint flags are compared as a whole, so Baseline with 42c0 and
# Main with 4d40, as x264 writes them, and WebRTC's 42e0 have no name; nor has any in capitals.
# Why it matters: two of three ordinary streams are shown as unknown.
# Source: ITU-T H.264, annex A.2 (a profile is told by profile_idc and the flags it demands; others may
# be set too); RFC 6381, section 3.3 (hexadecimal).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts media-codecs@2.0.1
echo "versions: media-codecs 2.0.1, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
for profile in baseline main high; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v libx264 \
    -profile:v "$profile" -level 3.1 "$profile.h264"
done

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { AVC } from "media-codecs";

// Profile, constraints and level follow the SPS's header, 67.
const codec = (profile) => {
  const stream = readFileSync(`${profile}.h264`);
  const sps = stream.indexOf(Buffer.from([0, 0, 1, 0x67])) + 4;
  return `avc1.${stream.subarray(sps, sps + 3).toString("hex")}`;
};
const codecs = [...["baseline", "main", "high"].map(codec), "avc1.42e01f", "avc1.64001F"];
const seen = codecs.map((text) => AVC.getCodecName(text) ?? "no name");
console.log("expected: a name for each");
console.log(`seen:     ${codecs.map((text, index) => `${text}: ${seen[index]}`).join("; ")}`);

const same =
  codecs.slice(0, 3).join() === "avc1.42c01f,avc1.4d401f,avc1.64001f" &&
  seen.join() === "no name,no name,AVC High Profile Level 3.1,no name,no name";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
