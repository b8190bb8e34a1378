#!/usr/bin/env bash
# mkvmerge puts eight Opus packets into each block of a WebM file (EBML lacing). prism-media's WebmDemuxer hands the
# packets to an Opus decoder.
# Expected: the 201 packets that the file has, as ffprobe counts them.
# What happens: 29 blocks, each as one packet that begins with the lacing's own header (the number of frames and
# their sizes): what an Opus decoder reads as the packet's first byte is 07. Frames in a BlockGroup are left out:
# FFmpeg writes the last one so, which loses the end of its files too.
# Why it matters: a bot that plays what mkvmerge has touched plays noise or nothing, without an error from the demuxer.
# Source: RFC 9559, section 10.3 (lacing) and 5.1.3.5 (BlockGroup); RFC 6716, section 3.1 (TOC byte).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need mkvmerge mkvtoolnix
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts prism-media@1.3.5
echo "versions: prism-media 1.3.5, mkvmerge $(mkvmerge --version | cut -d' ' -f2), $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=d=4:r=48000 -c:a libopus -b:a 64k plain.webm
mkvmerge -q --webm -o laced.webm plain.webm
count() { ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$1"; }

cat >probe.cjs <<'JS'
const { createReadStream } = require("node:fs");
const { opus } = require("prism-media");

const demux = (file) =>
  new Promise((resolve, reject) => {
    const packets = [];
    createReadStream(file)
      .pipe(new opus.WebmDemuxer())
      .on("data", (packet) => packets.push(packet))
      .on("end", () => resolve(packets))
      .on("error", reject);
  });
const first = (packets) => packets[0].subarray(0, 1).toString("hex");

(async () => {
  const [plain, laced] = [await demux("plain.webm"), await demux("laced.webm")];
  console.log(`expected: ${process.argv[2]} and ${process.argv[3]} packets, beginning with ${first(plain)}`);
  console.log(`seen:     ${plain.length} (beginning with ${first(plain)}) and ${laced.length} (beginning with ${first(laced)})`);
  const [all, alsoAll] = process.argv.slice(2).map(Number);
  const same = all === alsoAll && all - plain.length >= 1 && all - plain.length <= 2 && laced.length < 30 && first(laced) === "07";
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 60 node probe.cjs "$(count plain.webm)" "$(count laced.webm)"
