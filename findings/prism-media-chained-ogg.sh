#!/usr/bin/env bash
# Two Ogg Opus files one behind the other: a chained stream, as radio stations send it at each change of title.
# Expected: prism-media's OggDemuxer gives the packets of both, 402, as it says that it reads Ogg with Opus.
# What happens: 201, those of the first. It keeps to the serial number it met first and drops the pages of any other,
# without an event or an end.
# Why it matters: a bot that plays a station falls silent at the first change of title, while the connection is up and
# data go on arriving.
# Source: RFC 3533, section 4 (chaining: each bitstream has a serial number of its own); prism-media's readme (OggDemuxer).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts prism-media@1.3.5
echo "versions: prism-media 1.3.5, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=f=440:d=4:r=48000 -c:a libopus -serial_offset 1 first.ogg
timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=f=880:d=4:r=48000 -c:a libopus -serial_offset 2 second.ogg
cat first.ogg second.ogg >chained.ogg

cat >probe.cjs <<'JS'
const { createReadStream } = require("node:fs");
const { opus } = require("prism-media");

const count = (file) =>
  new Promise((resolve, reject) => {
    let packets = 0;
    createReadStream(file)
      .pipe(new opus.OggDemuxer())
      .on("data", () => packets++)
      .on("end", () => resolve(packets))
      .on("error", reject);
  });

(async () => {
  const [first, second, chained] = [await count("first.ogg"), await count("second.ogg"), await count("chained.ogg")];
  console.log(`expected: ${first} and ${second} alone, ${first + second} chained`);
  console.log(`seen:     ${first} and ${second} alone, ${chained} chained`);
  const same = first === 201 && second === 201 && chained === first;
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 60 node probe.cjs
