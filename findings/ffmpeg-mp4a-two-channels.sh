#!/usr/bin/env bash
# Mono, stereo and 5.1 as AAC and as Opus, written to MP4 by FFmpeg.
# Expected: the sample entry's channelcount is 1, 2 and 6, whichever the codec.
# What happens: with AAC (and MP3) it is 2 each time; with Opus, FLAC and ALAC it is right. The number that counts stands
# in AAC's own configuration; GStreamer's mp4mux writes 1 and 6 into both places.
# Why it matters: readers that go by the sample entry say stereo: mp4box for mono and for 5.1, and who puts that into a
# manifest (CHANNELS, AudioChannelConfiguration) or opens a decoder with it is wrong.
# Source: ISO/IEC 14496-12, 12.2.3 (AudioSampleEntry: channelcount is the number of channels).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
for part in mp4mux:good audiotestsrc:base avenc_aac:libav; do
  gst-inspect-1.0 "${part%%:*}" >/dev/null 2>&1 || { apt-get update -qq &&
    apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-base gstreamer1.0-libav >/dev/null; }
done
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts mp4box@2.4.1 mediabunny@1.61.0
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p), mp4box 2.4.1, mediabunny 1.61.0, Node $(node --version)"
for channels in 1 2 6; do
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=d=2:r=48000 -ac $channels -c:a aac "ffmpeg-aac-$channels.mp4"
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i sine=d=2:r=48000 -ac $channels -c:a libopus "ffmpeg-opus-$channels.mp4"
  # shellcheck disable=SC2016
  timeout 30 gst-launch-1.0 -q audiotestsrc num-buffers=50 ! "audio/x-raw,rate=48000,channels=$channels$([ $channels = 6 ] && echo ',channel-mask=(bitmask)0x3f')" ! \
    avenc_aac ! mp4mux ! filesink location="gstreamer-aac-$channels.mp4"
done

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import * as bunny from "mediabunny";
import { createFile } from "mp4box";

const read = async (name) => {
  const file = readFileSync(name);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  bytes.fileStart = 0;
  const parsed = createFile();
  let entry;
  parsed.onReady = (info) => (entry = info.tracks[0].audio.channel_count);
  parsed.appendBuffer(bytes);
  const input = new bunny.Input({ source: new bunny.BufferSource(file), formats: bunny.ALL_FORMATS });
  return [entry, (await input.getPrimaryAudioTrack()).numberOfChannels];
};
const seen = {};
console.log("expected: 1 2 6 each time");
for (const kind of ["ffmpeg-aac", "ffmpeg-opus", "gstreamer-aac"]) {
  const rows = await Promise.all([1, 2, 6].map((channels) => read(`${kind}-${channels}.mp4`)));
  seen[kind] = [0, 1].map((reader) => rows.map((row) => row[reader]).join(" "));
  console.log(`seen:     ${kind}: in the sample entry (mp4box) ${seen[kind][0]}; by the codec's configuration (mediabunny) ${seen[kind][1]}`);
}
const same = JSON.stringify(seen) === JSON.stringify({ "ffmpeg-aac": ["2 2 2", "1 2 6"], "ffmpeg-opus": ["1 2 6", "1 2 6"], "gstreamer-aac": ["1 2 6", "1 2 6"] });
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
