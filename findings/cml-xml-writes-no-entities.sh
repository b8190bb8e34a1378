#!/usr/bin/env bash
# @svta/cml-xml reads an MPD and writes it again (parseXml, serializeXml). An address in it has a query with an ampersand, the Title says
# "R&D <live>", a BaseURL stands in CDATA, and a scheme's value has quotes.
# Expected: an MPD that says the same.
# What happens: entities are resolved when reading, and none is written: "&" and "<" stand bare in the text, and a quote ends its
# attribute (it gets a backslash, as in JavaScript). The CDATA section becomes an element <#cdata />, its address is gone. xmllint and FFmpeg
# refuse the result. An MPD without any of this comes through whole.
# Why it matters: addresses with signed queries (…?a=1&amp;b=2) are the rule with CDNs, and who changes an MPD this way
# (a proxy, an ad server) hands on one that no player opens.
# Source: XML 1.0, section 2.4 ("&" and "<" must be escaped) and 2.7 (CDATA sections).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

need() { command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "${@:2}" >/dev/null; }; }
need xmllint libxml2-utils
need ffmpeg ffmpeg
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-xml@1.1.6
echo "versions: @svta/cml-xml 1.1.6, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"
timeout 30 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v libx264 -preset ultrafast -f dash -init_seg_name init.mp4 -media_seg_name '$Number$.m4s' plain.mpd

cat >probe.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { parseXml, serializeXml } from "@svta/cml-xml";

const plain = readFileSync("plain.mpd", "utf8");
const parts = {
  query: ["<ProgramInformation>", '<ProgramInformation moreInformationURL="https://live.example/?a=1&amp;b=2">'],
  title: ["<ProgramInformation>", "<ProgramInformation><Title>R&amp;D &lt;live&gt;</Title>"],
  quote: ["<Period ", '<Period><SupplementalProperty schemeIdUri="urn:x" value="say &quot;hi&quot;"/></Period><Period '],
  cdata: ["<Period ", "<BaseURL><![CDATA[./]]></BaseURL><Period "],
};
writeFileSync("plain.out.mpd", serializeXml(parseXml(plain)));
for (const [name, [before, after]] of Object.entries(parts)) {
  const mpd = plain.replace(before, after);
  writeFileSync(`${name}.mpd`, mpd);
  writeFileSync(`${name}.out.mpd`, serializeXml(parseXml(mpd)));
}
JS
timeout 30 node probe.mjs

state() { xmllint --noout "$1" 2>/dev/null && echo -n "XML, " || echo -n "no XML, "; }
opened() { [ "$(timeout 20 ffprobe -v quiet -show_entries stream=codec_name -of csv=p=0 "$1" 2>/dev/null | head -c4)" = h264 ] && echo opened || echo "not opened"; }
seen=$(for name in plain title quote cdata query; do echo "$name: before $(state $name.mpd)$(opened $name.mpd); after $(state $name.out.mpd)$(opened $name.out.mpd)"; done
  grep -o 'moreInformationURL="[^"]*"' query.out.mpd
  grep -o '<Title>.*</Title>' title.out.mpd
  grep -o 'value="say[^/]*' quote.out.mpd
  grep -o '<BaseURL>.*</BaseURL>' cdata.out.mpd)
echo "expected: XML, and opened by FFmpeg, after as before"
echo "seen:"
echo "$seen"
before='plain: before XML, opened; after XML, opened
title: before XML, opened; after no XML, not opened
quote: before XML, opened; after no XML, not opened
cdata: before XML, opened; after no XML, not opened
query: before XML, opened; after no XML, not opened
moreInformationURL="https://live.example/?a=1&b=2"
<Title>R&D <live></Title>
value="say \"hi\"" 
<BaseURL><#cdata /></BaseURL>'
if [ "$seen" = "$before" ]; then
  echo "as recorded"
else
  echo "CHANGED: not what was recorded"
  exit 1
fi
