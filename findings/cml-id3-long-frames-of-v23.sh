#!/usr/bin/env bash
# browser-id3-writer makes an ID3 tag (version 2.3, as all its tags are) with 300 bytes of private data and a title behind
# them: timed metadata for HLS. @svta/cml-id3 reads it, the package that hls.js and dash.js are built with.
# Expected: 300 bytes and a title, or a refusal because of the version.
# What happens: 172 bytes of data, and no title: instead a frame whose name is made of data. It reads the sizes of frames
# as version 2.4 writes them, 7 bits a byte, whatever version the tag has; up to 127 bytes both are the same.
# Why it matters: short tags work, so nobody notices; the first long one loses all that stands behind it.
# Source: ID3 v2.3.0, 3.3 (frame size as a plain number) and ID3 v2.4.0, 4 (synchsafe).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-id3@1.0.9 @svta/cml-utils@1.6.1 browser-id3-writer@6.4.0
echo "versions: @svta/cml-id3 1.0.9, browser-id3-writer 6.4.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { getId3Frames } from "@svta/cml-id3";
import { ID3Writer } from "browser-id3-writer";

const read = (size) => {
  const writer = new ID3Writer(new ArrayBuffer(0));
  writer.setFrame("PRIV", { id: "example", data: new Uint8Array(size).map((_, index) => index & 127).buffer }).setFrame("TIT2", "title");
  writer.padding = 0;
  writer.addTag();
  const frames = getId3Frames(new Uint8Array(writer.arrayBuffer));
  return `${frames[0].data.byteLength} bytes, ${frames.some((frame) => frame.key === "TIT2") ? "a title" : "no title"}`;
};
const seen = [read(100), read(300)];
console.log("expected: 100 bytes, a title; 300 bytes, a title");
console.log("seen:    ", seen.join("; "));
const same = seen.join("; ") === "100 bytes, a title; 172 bytes, no title";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
