#!/usr/bin/env bash
# ASS subtitles with a Comment event between two lines of Dialogue, read by media-captions (Vidstack's).
# Expected: two cues, "One" and "Two"; a Comment isn't shown.
# What happens: the whole line of the Comment, with its style and margins, becomes part of the cue before it.
# Why it matters: translators leave notes and karaoke programs their templates as Comments: viewers read them.
# Source: Sub Station Alpha v4.00+ script format, Event lines (Comment: ignored during playback).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts media-captions@1.0.4
echo "versions: media-captions 1.0.4, beside it $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"

cat >in.ass <<'ASS'
[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,One
Comment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,is this right?
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,Two
ASS
timeout 30 ffmpeg -nostdin -v error -i in.ass out.vtt

cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parseText } from "media-captions";

// A browser has this class.
globalThis.VTTCue ??= class {};
const { cues, errors } = await parseText(readFileSync("in.ass", "utf8"), { type: "ass" });
const seen = JSON.stringify(cues.map((cue) => cue.text));
const ffmpeg = JSON.stringify([...readFileSync("out.vtt", "utf8").matchAll(/-->.*\n(.*)\n/g)].map((match) => match[1]));
console.log('expected: ["One","Two"]');
console.log(`seen:     media-captions ${seen}, ${errors.length} errors; FFmpeg ${ffmpeg}`);
const same = seen === '["One\\nComment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,is this right?","Two"]' &&
  errors.length === 0 && ffmpeg === '["One","Two"]';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
