#!/usr/bin/env bash
# An address of media may end in a fragment: clip.mp4#t=10. @svta/cml-cmcd's appendCmcdQuery adds the
# CMCD parameter to an address.
# Expected: clip.mp4?CMCD=...#t=10.
# What happens: clip.mp4#t=10?CMCD=... The parameter belongs to the fragment then, which no client sends;
# the address it was to be added to is asked for without it, and the fragment no longer is "t=10".
# Why it matters: the CDN sees no CMCD of such objects, and the player starts at the front.
# Source: RFC 3986, sections 3.4 and 3.5 (the query ends at "#"); CTA-5004 (transmission as query argument).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @svta/cml-cmcd@2.7.0
echo "versions: @svta/cml-cmcd 2.7.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { createServer } from "node:http";
import { appendCmcdQuery } from "@svta/cml-cmcd";

const asked = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  response.end();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
for (const end of ["", "#t=10"]) {
  const address = appendCmcdQuery(`http://127.0.0.1:${server.address().port}/clip.mp4${end}`, { br: 3200 }, { version: 1 });
  await (await fetch(address)).text();
}
server.closeAllConnections();
server.close();
console.log("expected: /clip.mp4?CMCD=br%3D3200 is asked for, without and with a fragment");
console.log(`seen:     ${asked[0]} without, ${asked[1]} with a fragment`);
const same = asked[0] === "/clip.mp4?CMCD=br%3D3200" && asked[1] === "/clip.mp4";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
