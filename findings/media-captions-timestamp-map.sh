#!/usr/bin/env bash
# The head of a WebVTT segment of HLS, X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000, read by media-captions, in both
# orders of its two parts.
# Expected: the whole value stands in the metadata, which media-captions gives out for heads like this.
# What happens: it ends at the first colon: "LOCAL", or "MPEGTS". Both times are lost. Other entries are whole.
# Why it matters: without the two times there is no way to tell where the cues belong: subtitles of each live segment
# begin at 0 again.
# Source: RFC 8216, section 3.5 (X-TIMESTAMP-MAP, without which LOCAL 0 is MPEGTS 0).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts media-captions@1.0.4
echo "versions: media-captions 1.0.4, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parseText } from "media-captions";

// A browser has this class.
globalThis.VTTCue ??= class {};
const values = ["LOCAL:00:00:00.000,MPEGTS:900000", "MPEGTS:900000,LOCAL:00:00:00.000"];
const read = async (value) => {
  const text = `WEBVTT\nX-TIMESTAMP-MAP=${value}\nKind: captions\n\n00:01.000 --> 00:02.000\nHello\n`;
  const { metadata } = await parseText(text, { type: "vtt" });
  return `${metadata["X-TIMESTAMP-MAP"]}, Kind ${metadata.Kind}`;
};
const seen = await Promise.all(values.map(read));
console.log(`expected: ${values.map((value) => `${value}, Kind captions`).join("; ")}`);
console.log(`seen:     ${seen.join("; ")}`);
const same = seen.join("; ") === "LOCAL, Kind captions; MPEGTS, Kind captions";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
