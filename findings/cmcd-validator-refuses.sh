#!/usr/bin/env bash
# Three right CMCD queries: br=3200,mtp=25400; the same with a content id; and one whose content id has a comma.
# Expected: all three are valid.
# What happens: the first is "not encoded", though it is: the check undoes only what decodeURI undoes, which leaves %2C and %3D, so
# that a query passes only if it has a quote or the like too. The third is cut at the comma inside the quotes.
# Why it matters: players that send numbers and tokens alone (all keys are optional) are reported as broken; content ids are
# any text of 64 characters.
# Source: CTA-5004, transmission as query argument (URL-encoded), table of keys (all optional; cid: String); RFC 8941,
# section 3.3.3 (a comma in a String stands for itself).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts @montevideo-tech/cmcd-validator@1.3.1
echo "versions: @montevideo-tech/cmcd-validator 1.3.1, Node $(node --version)"

cat >probe.cjs <<'JS'
// The validator says on the console what it does.
const say = console.log;
for (const name of ["log", "info", "debug", "warn", "error"]) console[name] = () => undefined;
const { CMCDQueryValidator } = require("@montevideo-tech/cmcd-validator");
const data = ["br=3200,mtp=25400", 'br=3200,cid="live-1",mtp=25400', 'br=3200,cid="live,1",mtp=25400'];
const seen = data.map((text) => {
  const { valid, errors } = CMCDQueryValidator(`https://example.com/1.m4s?CMCD=${encodeURIComponent(text)}`);
  return valid ? "valid" : errors.map(({ type, key }) => (key === undefined ? type : `${type} at ${key}`)).join(" and ");
});
say("expected: valid; valid; valid");
say(`seen:     ${seen.join("; ")}`);
const same = seen.join("; ") === 'parameter-encoding; valid; incorrect-format at cid and incorrect-format at 1"';
say(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
