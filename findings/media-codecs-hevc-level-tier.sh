#!/usr/bin/env bash
# media-codecs makes the codec string of H.265 from profile, compatibility, level and tier, and a
# name from a codec string.
# Expected: level 4 of the Main tier is L120 ("hev1.1.6.L120.b0"), and its name is found again.
# What happens: getCodec() puts the tier behind the level, "hev1.1.6.120L.b0"; its own getCodecName()
# finds nothing for that. getAllItems(), which goes another way, has the order right.
# Why it matters: isTypeSupported() and WebCodecs refuse the string, so H.265 looks unsupported on
# machines that play and encode it.
# Source: ISO/IEC 14496-15, annex E.3 (sub-parameters of hev1 and hvc1).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts media-codecs@2.0.1
echo "versions: media-codecs 2.0.1, Node $(node --version)"

cat >probe.mjs <<'JS'
import { HEVC } from "media-codecs";

const right = "hev1.1.6.L120.b0";
const made = HEVC.getCodec({ profile: "Main", compatibility: 6, level: "4", tier: "Main" });
const named = HEVC.getCodecName(made);
const listed = HEVC.getAllItems().some(({ codec }) => codec === right);
console.log(`expected: ${right}, with a name`);
console.log(`seen:     ${made}, ${named ?? "without a name"}; in the list of all: ${listed ? right : "no"}`);

const same = made === "hev1.1.6.120L.b0" && named === undefined && listed;
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
