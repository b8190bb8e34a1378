#!/usr/bin/env bash
# Janus records RTP as it comes (.mjr); janus-pp-rec makes files of it. Here FFmpeg sends six seconds of Opus and 150 frames of H.264, the packets
# are put into .mjr files, and become .mka, .opus, .mp4 and .mkv.
# Expected: six seconds of sound (and 20 ms) in each, 150 frames in each.
# What happens: .mka says that it lasts 6.96 s, .opus 6.02: the last packet's 960 samples are counted as 960 ms. In .mp4 the last
# frame has no duration, so the edit list ends before it: 150 are in the file, 149 are shown. .mkv has them all.
# Why it matters: sound and picture that belong together end a second apart, editors and joiners put silence there; and a
# recording whose last picture counts (a slide, a click) loses it.
# Source: Matroska, Duration (of the segment); ISO/IEC 14496-12, section 8.6.1.2 (stts: each sample's duration); Janus,
# janus-pp-rec (targets by file name).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${@:2}" >/dev/null; }; }
need ffmpeg ffmpeg
need python3 python3
need janus-pp-rec janus-tools
echo "versions: janus-tools $(dpkg-query -W -f '${Version}' janus-tools), $(ffmpeg -version | head -1 | cut -d' ' -f1-3)"

cat >record.py <<'PY'
import json, select, socket, struct, subprocess

def record(path, kind, codec, clock, *arguments):
    """Has FFmpeg send RTP, and writes it as Janus does: a header, then each packet with its time in ms."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    receiver.bind(("127.0.0.1", 0))
    port = receiver.getsockname()[1]
    target = f"rtp://127.0.0.1:{port}?rtcpport=9&pkt_size=1200"
    sender = subprocess.Popen(["timeout", "20", "ffmpeg", "-nostdin", "-v", "error", "-re", *arguments, "-f", "rtp", target], stdout=subprocess.DEVNULL)
    packets = []
    while sender.poll() is None or select.select([receiver], [], [], 0.3)[0]:
        if select.select([receiver], [], [], 0.3)[0]:
            packets.append(receiver.recv(2000))
    first = struct.unpack(">I", packets[0][4:8])[0]
    header = json.dumps({"t": kind, "c": codec, "s": 1700000000000000, "u": 1700000000000000}).encode()
    with open(path, "wb") as file:
        file.write(b"MJR00002" + struct.pack(">H", len(header)) + header)
        for packet in packets:
            at = ((struct.unpack(">I", packet[4:8])[0] - first) & 0xFFFFFFFF) * 1000 // clock
            file.write(b"MEET" + struct.pack(">IH", at, len(packet)) + packet)

record("sound.mjr", "a", "opus", 48000, "-f", "lavfi", "-i", "sine=d=6:r=48000", "-c:a", "libopus")
record("picture.mjr", "v", "h264", 90000, "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=6", "-c:v", "libx264",
       "-preset", "ultrafast", "-tune", "zerolatency", "-g", "50")
PY
timeout 50 python3 record.py
for file in sound.mka sound.opus picture.mp4 picture.mkv; do timeout 20 janus-pp-rec "${file%.*}.mjr" $file >>janus.log 2>&1; done

seconds() { ffprobe -v quiet -show_entries format=duration -of csv=p=0 "$1"; }
packets() { ffprobe -v quiet -show_entries packet=pts -of csv=p=0 "$1" | grep -c '[0-9]'; }
seen="sound.mka: $(packets sound.mka) packets, $(seconds sound.mka) s
sound.opus: $(packets sound.opus) packets, $(seconds sound.opus) s
picture.mp4: $(packets picture.mp4) frames, $(ffmpeg -nostdin -v quiet -i picture.mp4 -f framemd5 - | grep -vc '^#') shown
picture.mkv: $(packets picture.mkv) frames, $(ffmpeg -nostdin -v quiet -i picture.mkv -f framemd5 - | grep -vc '^#') shown"
echo "expected: 301 packets, 6.02 s; 150 frames, 150 shown"
echo "seen:"
echo "$seen"
before="sound.mka: 301 packets, 6.960000 s
sound.opus: 301 packets, 6.020000 s
picture.mp4: 150 frames, 149 shown
picture.mkv: 150 frames, 150 shown"
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
