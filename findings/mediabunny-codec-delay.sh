#!/usr/bin/env bash
# Opus begins with some ms that only warm the decoder up. WebM says how many with CodecDelay, which is
# to be subtracted from each time; MP4 says it with an edit list. The same Opus stream is put into both.
# Expected: mediabunny gives the first packet the same time in both, -6.5 ms (-7 in WebM, whose times are whole ms).
# What happens: -6.5 ms in MP4, 0 in WebM, where CodecDelay is left out of account; and a WebM that it writes again
# has no CodecDelay any more.
# Why it matters: the same sound fits its picture in one container and is 7 ms late in the other; a
# conversion from WebM makes that last, and lets 7 ms be heard that were not to be.
# Source: RFC 9559, section 5.1.4.1 (CodecDelay: must be subtracted from each frame's timestamp).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
command -v mkvinfo >/dev/null || { apt-get update -qq && apt-get install -y -qq mkvtoolnix >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mediabunny@1.61.0
echo "versions: mediabunny 1.61.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(mkvinfo --version | cut -d' ' -f1,2)"
for name in in.webm in.mp4; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=440:r=48000:d=2 -c:a libopus $name
done

cat >probe.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import * as bunny from "mediabunny";

const run = (command, ...words) => execFileSync(command, words, { stdio: ["ignore", "pipe", "ignore"] }).toString();
const ms = (seconds) => Math.round(seconds * 10000) / 10;
const open = (name) => new bunny.Input({ source: new bunny.BufferSource(readFileSync(name)), formats: bunny.ALL_FORMATS });
const first = async (name) => ms(await (await open(name).getPrimaryAudioTrack()).getFirstTimestamp());
const ffprobe = (name) => ms(run("ffprobe", "-show_entries", "packet=pts_time", "-of", "csv=p=0", name).split(/[,\n]/)[0]);
const delay = (name) => /Codec-inherent delay: 00:00:00\.(\d+)/.exec(run("mkvinfo", name))?.[1] ?? "none";

const output = new bunny.Output({ format: new bunny.WebMOutputFormat(), target: new bunny.BufferTarget() });
const conversion = await bunny.Conversion.init({ input: open("in.webm"), output });
await conversion.execute();
writeFileSync("again.webm", Buffer.from(output.target.buffer));
const seen = [];
for (const name of ["in.mp4", "in.webm", "again.webm"]) {
  const row = [ffprobe(name), await first(name), name.endsWith("webm") ? delay(name) : "-"];
  console.log(`seen:     ${name}: FFmpeg ${row[0]} ms, mediabunny ${row[1]} ms; CodecDelay ${row[2]}`);
  seen.push(row.join());
}
console.log("expected: -6.5 or -7 ms in all, CodecDelay 006500000 in both WebM files");
const same = seen.join("|") === "-6.5,-6.5,-|-7,0,006500000|0,0,none";
console.log(same ? "as recorded" : `CHANGED: ${seen.join("|")}`);
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
