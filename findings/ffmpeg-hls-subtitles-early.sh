#!/usr/bin/env bash
# Ten seconds of video and WebVTT with one cue from 1 to 5 s, made into HLS with segments of 2 s and a subtitle rendition.
# Expected: each WebVTT segment says by X-TIMESTAMP-MAP where its zero lies in MPEG-TS, and the cue is in the first three.
# What happens: no X-TIMESTAMP-MAP at all, though FFmpeg's MPEG-TS begins at 1.4 s: without it, zero means zero, and every cue comes
# 1.4 s early. The cue is in the segment in which it begins, and in no other.
# Why it matters: subtitles that are early by the same 1.4 s in every player that goes by the rule; who joins or seeks into the middle
# of a long cue sees none.
# Source: RFC 8216, section 3.5 (X-TIMESTAMP-MAP; without it the cue time 0 maps to an MPEG-2 timestamp of 0; a cue is in every segment
# that it overlaps).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"
printf 'WEBVTT\n\n00:01.000 --> 00:05.000\nlong\n\n00:07.000 --> 00:08.000\nshort\n' >in.vtt
timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=10 -i in.vtt -map 0:v -map 1:s -c:v libx264 -preset ultrafast -g 50 \
  -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p -c:s webvtt -f hls -hls_time 2 -hls_playlist_type vod \
  -var_stream_map "v:0,s:0,sgroup:subs" -master_pl_name master.m3u8 "x_%v.m3u8"
maps=$(cat ./*.vtt | grep -c X-TIMESTAMP-MAP || true)
with=$(grep -l '^long' x_0*.vtt | sed 's/.*x_0\([0-9]*\)\.vtt/\1/' | xargs)
first=$(ffprobe -v error -show_entries stream=start_time -of csv=p=0 x_00.ts | sed -n 1p)
echo "expected: X-TIMESTAMP-MAP in all of $(find . -name 'x_0*.vtt' | wc -l) segments; the cue from 1 to 5 s in segments 0 1 2"
echo "seen:     X-TIMESTAMP-MAP in $maps, the video begins at $first s; the cue in segment $with"
if [ "$maps $with $first" = "0 0 1.400000" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
