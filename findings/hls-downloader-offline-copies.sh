#!/usr/bin/env bash
# Two downloaders make an offline copy of three recordings of eight seconds: four segments of MPEG-TS; the same as fragmented MP4 with an
# init segment; and one file of fragmented MP4 with a byte range for each segment. @warren-bank/node-hls-downloader writes
# playlist and segments, node-hls-downloader one file.
# Expected: copies that play, or an error.
# What happens: MPEG-TS is right. @warren-bank's copies of the other two end with 0 and can't be opened: the init segment is never fetched, its
# address stays in the playlist. With byte ranges the whole file is fetched once a segment, and the old ranges are kept. node-hls-downloader
# ends with an error for the init segment, and manages the single file.
# Why it matters: most packagers of today write fragmented MP4; that the copy is of no use is seen when the stream is gone.
# Source: RFC 8216, sections 4.3.2.2 (EXT-X-BYTERANGE) and 4.3.2.5 (EXT-X-MAP).
set -euo pipefail

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @warren-bank/node-hls-downloader@4.0.3 node-hls-downloader@2.2.0
echo "versions: @warren-bank/node-hls-downloader 4.0.3, node-hls-downloader 2.2.0, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"

mkdir www
make() { # NAME OPTIONS
  timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=8 -c:v libx264 -preset ultrafast -g 50 -sc_threshold 0 -f hls \
    -hls_time 2 -hls_playlist_type vod "${@:2}" "www/$1.media.m3u8"
  printf '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=320x180\n%s.media.m3u8\n' "$1" >"www/$1.m3u8"
}
make ts -hls_segment_filename 'www/ts%d.ts'
make fmp4 -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_filename 'www/fmp4%d.m4s'
make ranges -hls_segment_type fmp4 -hls_flags single_file -hls_segment_filename www/ranges.mp4

cat >server.cjs <<'JS'
const { createServer } = require("node:http");
const { existsSync, readFileSync, appendFileSync } = require("node:fs");
createServer((request, response) => {
  const path = `www${request.url}`;
  appendFileSync("asked.log", `${request.url.slice(1)}\n`);
  if (!existsSync(path)) return response.writeHead(404).end();
  const file = readFileSync(path);
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
  if (from === undefined) return response.end(file);
  const end = Math.min(to ? Number(to) : Infinity, file.length - 1);
  response.writeHead(206, { "content-range": `bytes ${from}-${end}/${file.length}` }).end(file.subarray(Number(from), end + 1));
}).listen(Number(process.argv[2]), "127.0.0.1");
JS
port=$((20000 + RANDOM % 20000))
node server.cjs $port &
server=$!
sleep 1

seconds() { timeout 20 ffprobe -v quiet -allowed_extensions ALL -show_entries format=duration -of csv=p=0 "$1" 2>/dev/null | cut -c1-3 || true; }
seen=$(for name in ts fmp4 ranges; do
  : >asked.log
  mkdir "copy-$name"
  end=0
  timeout 30 npx hlsdl -u "http://127.0.0.1:$port/$name.m3u8" -P "copy-$name" >>log 2>&1 || end=$?
  lasts=$(seconds "copy-$name/video.m3u8")
  echo "@warren-bank, $name: ended with $end, ${lasts:-not opened}; $(grep -vc 'm3u8' asked.log) requests for $(grep -v 'm3u8' asked.log | sort -u | wc -l) files, init segment: $(grep -c 'init.mp4' asked.log || true)"
  end=0
  timeout 30 npx hls-downloader -q best -o "$name.mp4" "http://127.0.0.1:$port/$name.m3u8" >>log 2>&1 || end=$?
  lasts=$(seconds $name.mp4)
  echo "node-hls-downloader, $name: ended with $end, ${lasts:-not opened}"
done)
echo "expected: ended with 0, 8.0 s; or an error"
echo "seen:"
echo "$seen"
before='@warren-bank, ts: ended with 0, 8.0; 4 requests for 4 files, init segment: 0
node-hls-downloader, ts: ended with 0, 8.0
@warren-bank, fmp4: ended with 0, not opened; 4 requests for 4 files, init segment: 0
node-hls-downloader, fmp4: ended with 1, not opened
@warren-bank, ranges: ended with 0, not opened; 4 requests for 1 files, init segment: 0
node-hls-downloader, ranges: ended with 0, 8.0'
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
