#!/usr/bin/env bash
# TTML as programs write it: a paragraph's text on lines of its own, an end given by its duration, or the elements with
# a prefix, as EBU-TT-D has them.
# Expected: ttml2srt gives a cue for each.
# What happens: a paragraph with a line end in it is left out without a word; begin="1s" dur="1s" and a
# document of tt:p elements end with a TypeError.
# Why it matters: a captions file indented by its editor becomes an SRT with some lines missing; which ones
# depends on how long they were.
# Source: TTML1, 10.2.3 (dur); XML, 2.10 (white space) and Namespaces in XML, 3 (prefixes); EBU Tech 3380 (EBU-TT-D).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts ttml2srt@1.2.4
echo "versions: ttml2srt 1.2.4, Node $(node --version)"

cat >probe.mjs <<'JS'
import all from "ttml2srt";

console.info = console.warn = () => {};
const texts = (body, p = "") => {
  const text = `<?xml version="1.0"?><${p}tt xmlns${p && ":tt"}="http://www.w3.org/ns/ttml" xml:lang="en"><${p}body><${p}div>${body}</${p}div></${p}body></${p}tt>`;
  try {
    return all.ttml2srt(text).split("\r\n").filter((line) => /^[a-z ]+$/.test(line.trim())).map((line) => line.trim()).join(" ");
  } catch (error) {
    return error.name;
  }
};
const one = '<p begin="00:00:01.000" end="00:00:02.000">one</p>';
const seen = [
  texts(`${one}<p begin="00:00:03.000" end="00:00:04.000">\n  two\n</p><p begin="00:00:05.000" end="00:00:06.000">three</p>`),
  texts('<p begin="1s" dur="1s">one</p>'),
  texts(one.replaceAll("<p", "<tt:p").replaceAll("</p", "</tt:p"), "tt:"),
];
console.log("expected: one two three; one; one");
console.log("seen:    ", seen.join("; "));
const same = seen.join("; ") === "one three; TypeError; TypeError";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
