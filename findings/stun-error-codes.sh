#!/usr/bin/env bash
# STUN error responses with the codes 300, 401, 420, 438 and 487, read by the package stun.
# Expected: the class times a hundred, plus the number: 300 401 420 438 487.
# What happens: the class is multiplied with the number too: 300 404 480 552 748. Only whole hundreds come out
# right, so that 300 in a test proves nothing; the reason beside it is the true one. What it writes is right.
# Why it matters: a TURN client looks for 401 and 438 to answer with its credentials or a new nonce, and ICE for
# 487 to change its role: neither happens, and logs say 404 Unauthorized.
# Source: RFC 8489, section 14.8 (ERROR-CODE: class and number); RFC 8445, section 7.3.1.1 (487).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts stun@2.1.0 @msimerson/stun@3.2.1
echo "versions: stun 2.1.0, beside it its fork @msimerson/stun 3.2.1, Node $(node --version)"

cat >probe.cjs <<'JS'
// A Binding error response with nothing but an ERROR-CODE.
const response = (code) => {
  const packet = Buffer.alloc(28);
  packet.writeUInt16BE(0x0111, 0);
  packet.writeUInt16BE(8, 2);
  packet.writeUInt32BE(0x2112a442, 4);
  packet.writeUInt16BE(0x0009, 20);
  packet.writeUInt16BE(4, 22);
  packet[26] = Math.floor(code / 100);
  packet[27] = code % 100;
  return packet;
};
const given = [300, 401, 420, 438, 487];
const read = (name) => {
  const { constants, decode } = require(name);
  return given.map((code) => decode(response(code)).getAttribute(constants.STUN_ATTR_ERROR_CODE).value.code).join(" ");
};
const [seen, fork] = [read("stun"), read("@msimerson/stun")];
console.log(`expected: ${given.join(" ")}`);
console.log(`seen:     stun ${seen}; its fork ${fork}`);
const same = seen === "300 404 480 552 748" && fork === given.join(" ");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.cjs
