#!/usr/bin/env bash
# A stream begins in the clear, with EXT-X-KEY:METHOD=NONE, and is encrypted from its second segment on, with a key of a DRM system.
# Expected: m3u8parse's keysForMsn gives no key for the first segment, and the DRM's for the ones after it.
# What happens: no key for any. It looks on, back to the front, for keys of other systems, comes to NONE, and
# forgets the one that it had found. Without the line with NONE it gives the key.
# Why it matters: a tool that asks whether a segment is encrypted takes it for clear, and hands out, or
# tries to decode, what it can't read; the clear lead is what makes a start fast.
# Source: RFC 8216, 4.3.2.4 (EXT-X-KEY holds until the next one with the same KEYFORMAT, or the end).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts m3u8parse@5.0.2
echo "versions: m3u8parse 5.0.2, Node $(node --version)"

cat >probe.mjs <<'JS'
import parse from "m3u8parse";

const playlist = (...lead) =>
  parse(
    [
      "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:4", "#EXT-X-MEDIA-SEQUENCE:10", ...lead, "#EXTINF:4,", "10.ts",
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"',
      "#EXTINF:4,", "11.ts", "#EXTINF:4,", "12.ts", "",
    ].join("\n"),
  );
const keys = (list) => [10, 11, 12].map((number) => list.keysForMsn(number)?.[0].get("method") ?? "none").join(" ");
const [plain, lead] = [keys(playlist()), keys(playlist("#EXT-X-KEY:METHOD=NONE"))];
console.log("expected: none SAMPLE-AES SAMPLE-AES");
console.log("seen:    ", lead);
console.log("without METHOD=NONE:", plain);
const same = lead === "none none none" && plain === "none SAMPLE-AES SAMPLE-AES";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
