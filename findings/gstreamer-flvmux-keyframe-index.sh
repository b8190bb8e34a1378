#!/usr/bin/env bash
# Six seconds of H.264, a keyframe every two seconds, with AAC go into an FLV file, by GStreamer's flvmux and by FFmpeg.
# Expected: the index in onMetaData (keyframes: times, filepositions) points at the three keyframes of the picture, so that a
# player or server that has been asked for a time can begin there.
# What happens: FFmpeg's does. flvmux lists packets of sound, some eighty of them, and not one keyframe of the picture.
# Why it matters: whoever begins where the index says (HTTP pseudo-streaming, flv.js' and mpegts.js' seeking) begins between two keyframes
# and shows broken pictures or none until the next one.
# Source: FFmpeg documentation, flv muxer (add_keyframe_index: to facilitate seeking, particularly for HTTP pseudo streaming); flv.js and
# mpegts.js, flv-demuxer (the keyframes' index from onMetaData).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need gst-launch-1.0 gstreamer1.0-tools
need python3 python3
gst-inspect-1.0 flvmux >/dev/null 2>&1 && gst-inspect-1.0 h264parse >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq gstreamer1.0-plugins-good gstreamer1.0-plugins-bad >/dev/null; }
echo "versions: $(ffmpeg -version | head -1 | cut -d' ' -f1-3), $(gst-launch-1.0 --version | sed -n 2p)"

timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=6 -f lavfi -i sine=d=6 -c:v libx264 -g 50 -sc_threshold 0 -bf 0 \
  -threads 1 -c:a aac -flvflags add_keyframe_index ffmpeg.flv
timeout 30 gst-launch-1.0 -q filesrc location=ffmpeg.flv ! flvdemux name=from flvmux name=to ! filesink location=gstreamer.flv \
  from.video ! queue ! h264parse ! to.video from.audio ! queue ! aacparse ! to.audio

cat >probe.py <<'PY'
import struct, sys

def value(data, at):
    kind = data[at]; at += 1
    if kind == 0: return struct.unpack(">d", data[at:at + 8])[0], at + 8
    if kind == 1: return bool(data[at]), at + 1
    if kind == 2:
        size = struct.unpack(">H", data[at:at + 2])[0]
        return data[at + 2:at + 2 + size].decode(), at + 2 + size
    if kind == 10:
        size = struct.unpack(">I", data[at:at + 4])[0]; at += 4; items = []
        for _ in range(size):
            item, at = value(data, at); items.append(item)
        return items, at
    at += 4 if kind == 8 else 0
    fields = {}
    while data[at:at + 3] != b"\0\0\x09":
        size = struct.unpack(">H", data[at:at + 2])[0]
        name = data[at + 2:at + 2 + size].decode()
        fields[name], at = value(data, at + 2 + size)
    return fields, at + 3

def index(path):
    file = open(path, "rb").read()
    assert file[13] == 18
    body = file[24:24 + int.from_bytes(file[14:17], "big")]
    keyframes = value(body, value(body, 0)[1])[0]["keyframes"]
    keys = sounds = 0
    for at in map(int, keyframes["filepositions"]):
        # A video tag says in its first byte whether it is a keyframe, and in its second that it isn't the parameter sets.
        keys += file[at] == 9 and file[at + 11] >> 4 == 1 and file[at + 12] == 1
        sounds += file[at] == 8
    return len(keyframes["times"]), keys, sounds

ffmpeg, gstreamer = index("ffmpeg.flv"), index("gstreamer.flv")
print("expected: 3 places, all of them keyframes")
for name, (places, keys, sounds) in (("FFmpeg", ffmpeg), ("GStreamer", gstreamer)):
    print(f"seen:     {name}: {places} places, of them {keys} keyframes and {sounds} packets of sound")
same = ffmpeg == (3, 3, 0) and gstreamer[0] > 50 and gstreamer[1] == 0 and gstreamer[2] == gstreamer[0]
print("as recorded" if same else "CHANGED: not what was recorded")
sys.exit(0 if same else 1)
PY
timeout 30 python3 probe.py
