#!/usr/bin/env bash
# Ten small pictures (160x120) as multipart MJPEG, each with its Content-Length, arrive as they do over HTTP: in chunks of up to 64 KiB.
# Expected: mjpeg-consumer gives ten pictures, however the stream is cut.
# What happens: one per chunk. It looks for one beginning, one end and one Content-Length in each chunk and leaves what
# follows the end. In chunks of 64 KiB one picture of ten comes out, in 16 KiB five, in 4 KiB all ten.
# Why it matters: the smaller the pictures or the busier the reader, the more are lost: a camera of low resolution
# drops to a few pictures a second on a fast network and is fine on a slow one.
# Source: RFC 2046, 5.1.1 (multipart syntax); RFC 9110, 6.4 (content is a stream of octets: chunk bounds mean nothing).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mjpeg-consumer@2.0.0
echo "versions: mjpeg-consumer 2.0.0, $(ffmpeg -version | head -1 | cut -d" " -f1-3), Node $(node --version)"

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import MjpegConsumer from "mjpeg-consumer";

const words = "-nostdin -v error -f lavfi -i testsrc2=s=160x120:r=10:d=1 -f mpjpeg pipe:1";
const stream = execFileSync("ffmpeg", words.split(" "));
const pictures = async (size) => {
  const consumer = new MjpegConsumer();
  let count = 0;
  consumer.on("data", () => {
    count += 1;
  });
  for (let at = 0; at < stream.length; at += size) consumer.write(stream.subarray(at, at + size));
  consumer.end();
  await new Promise((resolve) => consumer.on("end", resolve));
  return count;
};
const seen = [await pictures(65536), await pictures(16384), await pictures(4096)];
console.log(`stream of ${stream.length} bytes, in chunks of 64, 16 and 4 KiB`);
console.log("expected: 10 10 10");
console.log("seen:    ", seen.join(" "));
const same = seen[0] === 1 && seen[1] > 1 && seen[1] < 10 && seen[2] === 10;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
