#!/usr/bin/env bash
# m3u-parser-generator reads IPTV playlists. An entry's group is "News, World": a comma within quotes.
# Expected: the group "News, World" and the name "Channel 1".
# What happens: the line is cut at the first comma, quotes or not. There is no group, and the name is
# ' World" tvg-logo="...",Channel 1'; written again, the line has lost a part of itself.
# Why it matters: one comma in a group, a title or a logo's address spoils the entry.
# Source: the package's readme (attributes in quotes); RFC 8216, section 4.2 (quoted strings may hold commas).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts m3u-parser-generator@5.0.2 iptv-playlist-parser@0.15.2
echo "versions: m3u-parser-generator 5.0.2, iptv-playlist-parser 0.15.2, Node $(node --version)"

cat >probe.mjs <<'JS'
import other from "iptv-playlist-parser";
import { M3uParser } from "m3u-parser-generator";

const read = (group) => {
  const text = `#EXTM3U
#EXTINF:-1 tvg-id="one" group-title="${group}" tvg-logo="http://127.0.0.1/1.png",Channel 1
http://127.0.0.1/1.m3u8
`;
  const [entry] = new M3uParser().parse(text).medias;
  const [item] = other.parse(text).items;
  return { here: [entry.attributes["group-title"], entry.name], there: [item.group.title, item.name] };
};
const plain = read("News World");
const comma = read("News, World");
console.log('expected: group "News, World", name "Channel 1"');
console.log(`seen:     ${JSON.stringify(comma.here)}; without the comma ${JSON.stringify(plain.here)}; iptv-playlist-parser ${JSON.stringify(comma.there)}`);

const same =
  plain.here.join() === "News World,Channel 1" && comma.there.join() === "News, World,Channel 1" &&
  comma.here[0] === undefined && comma.here[1] === ' World" tvg-logo="http://127.0.0.1/1.png",Channel 1';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
