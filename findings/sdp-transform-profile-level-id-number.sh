#!/usr/bin/env bash
# H.264 in SDP names profile and level in six hexadecimal digits: profile-level-id=64001f,
# 640028, 42e01f.
# Expected: sdp-transform's parseParams gives text for each of them.
# What happens: whatever looks like a decimal number becomes one. Level 4 of High (640028)
# is the number 640028, level 3.1 (64001f) is text.
# Why it matters: code that compares by .slice(0, 4) or .toLowerCase() works at 720p, whose
# level has a letter in it, and throws a TypeError at 1080p. Comparing with === "640028"
# says that two equal profiles differ.
# Source: RFC 6184, section 8.1 (profile-level-id: a base16 representation).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts sdp-transform@3.0.0
echo "versions: sdp-transform 3.0.0, Node $(node --version)"

cat >probe.mjs <<'JS'
import { parseParams } from "sdp-transform";

const ids = ["42e01f", "64001f", "640028", "640032", "4d0028", "420014"];
const seen = ids.map((id) => [id, typeof parseParams(`packetization-mode=1;profile-level-id=${id}`)["profile-level-id"]]);
console.log("expected: string for each");
console.log("seen:    ", seen.map(([id, type]) => `${id} ${type}`).join(", "));

const numbers = seen.filter(([, type]) => type === "number").map(([id]) => id);
const same = numbers.join() === "640028,640032,420014";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
