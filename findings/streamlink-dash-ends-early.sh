#!/usr/bin/env bash
# Three MPDs of the same eight seconds, fetched with streamlink: a timeline with r="3", the same with r="-1" (to the
# Period's end), and two Periods of four seconds.
# Expected: all four segments each time.
# What happens: of the second it fetches the init segment and no other, of the third the two segments of the first Period; both
# times it ends with 0 and without a word.
# Why it matters: r="-1" is how packagers write segments of one duration: whoever records with it has a file without
# a picture, and an exit code of success.
# Source: ISO/IEC 23009-1, 5.3.9.6 (S@r: a negative value repeats to the next S or the Period's end) and 5.3.2 (Periods
# follow each other).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need streamlink streamlink
echo "versions: $(streamlink --version), $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=8 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
  -sc_threshold 0 -pix_fmt yuv420p -f dash -seg_duration 2 -init_seg_name init.mp4 -media_seg_name '$Number$.m4s' all.mpd

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const period = (attributes, first, segments) => `
  <Period${attributes}>
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" startNumber="${first}" presentationTimeOffset="${(first - 1) * 2000}" media="$Number$.m4s"
        initialization="init.mp4"><SegmentTimeline>${segments}</SegmentTimeline></SegmentTemplate>
      <Representation id="v" bandwidth="100000" codecs="avc1.42c00b" width="160" height="120"/>
    </AdaptationSet>
  </Period>`;
const mpd = (...periods) => `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
  mediaPresentationDuration="PT8S" minBufferTime="PT2S">${periods.join("")}
</MPD>`;
const mpds = {
  "r=3": mpd(period("", 1, '<S t="0" d="2000" r="3"/>')),
  "r=-1": mpd(period("", 1, '<S t="0" d="2000" r="-1"/>')),
  "two Periods": mpd(period(' duration="PT4S"', 1, '<S t="0" d="2000" r="1"/>'), period(' start="PT4S"', 3, '<S t="4000" d="2000" r="1"/>')),
};
let asked = [];
let current;
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  if (name === "x.mpd") return response.setHeader("content-type", "application/dash+xml").end(mpds[current]);
  asked.push(name.split(".")[0]);
  response.statusCode = existsSync(name) ? 200 : 404;
  return response.end(existsSync(name) ? readFileSync(name) : "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const seen = [];
for (current of Object.keys(mpds)) {
  asked = [];
  const words = ["--loglevel", "warning", "--output", "out.mp4", "--force", `http://127.0.0.1:${server.address().port}/x.mpd`, "best"];
  const code = await new Promise((resolve) => {
    const program = spawn("streamlink", words, { stdio: "ignore" });
    const timer = setTimeout(() => program.kill("SIGKILL"), 25_000);
    program.on("close", (code) => resolve(clearTimeout(timer) ?? code));
  });
  seen.push(`${current}: ${asked.join(" ")}, ends with ${code}`);
}
server.closeAllConnections();
server.close();
console.log("expected: init 1 2 3 4, three times");
console.log(`seen:     ${seen.join("\n          ")}`);
const same = seen.join("; ") === "r=3: init 1 2 3 4, ends with 0; r=-1: init, ends with 0; two Periods: init 1 2, ends with 0";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
