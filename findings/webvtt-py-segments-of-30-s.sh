#!/usr/bin/env bash
# webvtt-py cuts subtitles of 36 s into segments of ten seconds for HLS, with the playlist (its WebVTTSegmenter, or "webvtt segment").
# One cue has settings (line:0 align:start).
# Expected: four segments with EXTINF:10, the last one 6 or 10, and the cue as it was.
# What happens: each segment is said to last 30 s, whatever was asked for: the playlist is two minutes long, and its
# TARGETDURATION, 10, is a third of its segments. The cue's settings are gone; also when the file is only read and saved.
# Why it matters: players fetch the segment by its place in the playlist, so the subtitles of 30 s are sought in the second
# one, which has those of 10 s; and no segment may be longer than the target duration.
# Source: RFC 8216, section 4.3.3.1 (no EXTINF above the target duration); WebVTT, section 4.1 (cue settings).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

/usr/bin/python3 -c "import webvtt" 2>/dev/null || { apt-get update -qq && apt-get install -y -qq python3-webvtt >/dev/null; }
echo "versions: python3-webvtt $(dpkg-query -W -f '${Version}' python3-webvtt)"

cat >in.vtt <<'VTT'
WEBVTT

00:00:01.000 --> 00:00:04.000 line:0 align:start
one

00:00:12.000 --> 00:00:13.000
two

00:00:22.000 --> 00:00:23.000
three

00:00:35.000 --> 00:00:36.000
four
VTT
/usr/bin/python3 - <<'PY'
import webvtt

webvtt.WebVTTSegmenter().segment("in.vtt", "out", seconds=10)
webvtt.read("in.vtt").save("saved.vtt")
PY
durations=$(grep -o '^#EXTINF:[0-9.]*' out/prog_index.m3u8 | cut -d: -f2 | xargs)
target=$(grep -o '^#EXT-X-TARGETDURATION:[0-9]*' out/prog_index.m3u8 | cut -d: -f2)
cues=$(grep -lE '^(one|two|three|four)$' out/*.webvtt | wc -l)
settings="$(cat out/*.webvtt saved.vtt | grep -c 'line:0' || true) of 2"
echo "expected: TARGETDURATION 10, EXTINF 10 10 10 6; cues in 4 segments; settings kept in 2 of 2 files"
echo "seen:     TARGETDURATION $target, EXTINF $durations; cues in $cues segments; settings kept in $settings files"
if [ "$target: $durations, $cues, $settings" = "10: 30.00000 30.00000 30.00000 30.00000, 4, 0 of 2" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
