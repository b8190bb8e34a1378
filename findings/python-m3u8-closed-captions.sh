#!/usr/bin/env bash
# Debian's python3-m3u8 reads a master playlist with closed captions (CLOSED-CAPTIONS="cc") and writes it again; then a low-latency
# playlist that has an init segment and ends with parts, as every such playlist does while a segment is being made.
# Expected: both come out as they went in.
# What happens: the group's name loses its quotes, CLOSED-CAPTIONS=cc. Only NONE may stand there without them, and every other attribute of
# the same line keeps its own. Reading its own text again gives the same, so that nothing is noticed. The low-latency playlist can't
# be written at all: for the parts at its end "init section can't be None if previous is not None"; without them, or without
# EXT-X-MAP, it can.
# Why it matters: players that read attributes strictly drop the attribute or the variant, and a proxy that rewrites low-latency playlists of
# fragmented MP4 fails on each of them.
# Source: RFC 8216, section 4.3.4.2 (CLOSED-CAPTIONS: a quoted string, or the enumerated string NONE); RFC 8216bis, section 4.4.4.9 (EXT-X-PART).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

/usr/bin/python3 -c "import m3u8" 2>/dev/null || { apt-get update -qq && apt-get install -y -qq python3-m3u8 >/dev/null; }
echo "versions: python3-m3u8 $(dpkg-query -W -f '${Version}' python3-m3u8)"

cat >probe.py <<'PY'
import re, sys
import m3u8

master = """#EXTM3U
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="English",LANGUAGE="en",INSTREAM-ID="CC1"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en",URI="sound.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1280000,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="sound",CLOSED-CAPTIONS="cc"
video.m3u8
"""
media = """#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-PART-INF:PART-TARGET=1
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4"
#EXTINF:4,
7.m4s
"""
parts = '#EXT-X-PART:DURATION=1,URI="8.0.m4s",INDEPENDENT=YES\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="8.1.m4s"\n'

def attribute(text):
    return re.search(r'STREAM-INF:.*?(CLOSED-CAPTIONS=[^,\n]*)', text).group(1)

def written(text):
    try:
        m3u8.loads(text).dumps()
        return "written"
    except Exception as error:
        return f"{type(error).__name__}: {error}"

once = m3u8.loads(master).dumps()
seen = [attribute(once), attribute(m3u8.loads(once).dumps()), written(media + parts), written(media), written(media.replace('#EXT-X-MAP:URI="init.mp4"\n', "") + parts)]
print('expected: CLOSED-CAPTIONS="cc"; written')
print(f"seen:     {seen[0]}, read and written again {seen[1]}")
print(f"          with parts at the end: {seen[2]}; without: {seen[3]}; without EXT-X-MAP: {seen[4]}")
same = seen == ["CLOSED-CAPTIONS=cc", "CLOSED-CAPTIONS=cc", "MalformedPlaylistError: init section can't be None if previous is not None", "written", "written"]
print("as recorded" if same else "CHANGED: not what was recorded")
sys.exit(0 if same else 1)
PY
timeout 30 /usr/bin/python3 probe.py
