#!/usr/bin/env bash
# ebml has a Decoder and an Encoder, both streams; one piped into the other writes a file again,
# changed or not.
# Expected: what goes in comes out.
# What happens: the Encoder ends itself at the end of the first top-level element, the EBML head of any
# file. The next write fails with "write after end"; not even the head comes out.
# Why it matters: with 3.0.0, the current version, nothing can be written at all.
# Source: ebml, readme ("we got an encoder"); Node.js, stream.Writable (end).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ebml@3.0.0 ebml-stream@1.0.3
echo "versions: ebml 3.0.0, ebml-stream 1.0.3, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libvpx -deadline realtime in.webm

cat >probe.cjs <<'JS'
const { readFileSync } = require("node:fs");
const ebml = require("ebml");
const { EbmlStreamDecoder, EbmlStreamEncoder } = require("ebml-stream");

const file = readFileSync("in.webm");
const copy = (decoder, encoder) =>
  new Promise((resolve) => {
    let bytes = 0;
    let failed = "";
    encoder.on("data", (part) => {
      bytes += part.length;
    });
    encoder.on("error", (error) => {
      failed = `, ${error.message}`;
    });
    decoder.pipe(encoder);
    decoder.end(file);
    setTimeout(() => resolve(`${bytes > file.length / 2 ? "the file" : `${bytes} bytes`}${failed}`), 1000);
  });
(async () => {
  const seen = [
    await copy(new EbmlStreamDecoder(), new EbmlStreamEncoder()),
    await copy(new ebml.Decoder(), new ebml.Encoder()),
  ];
  console.log("expected: the file comes out");
  console.log(`seen:     ebml-stream: ${seen[0]}; ebml: ${seen[1]}`);
  const same = seen[0] === "the file" && seen[1] === "0 bytes, write after end";
  console.log(same ? "as recorded" : "CHANGED: not what was recorded");
  process.exitCode = same ? 0 : 1;
})();
JS
timeout 60 node probe.cjs
