// The RFC 6381 name of a codec from a sample entry of an init segment. mux.js' own names miss HEVC and VP9, and
// FFmpeg's long form of the esds. Never reads anything else.
import probe from "mux.js/lib/mp4/probe.js";
import { malformed } from "./box-splitter.ts";

/** Bytes of a visual and of an audio sample entry before their child boxes. */
const VISUAL_ENTRY = 78;
const AUDIO_ENTRY = 28;

const hex = (value: number) => value.toString(16).padStart(2, "0");

function config(entry: Uint8Array, skip: number, name: string): Uint8Array {
  const [found] = probe.findBox(entry.subarray(skip), [name]);
  if (!found) throw malformed(`there is no ${name} box`);
  return found;
}

/** AVCDecoderConfigurationRecord, ISO 14496-15: version, profile, compatibility, level. */
function avc(entry: Uint8Array, name: string): string {
  const record = config(entry, VISUAL_ENTRY, "avcC");
  // FFmpeg writes it empty when it has seen no keyframe in time: players would refuse every segment.
  if (record.length < 4) throw malformed("the avcC box is empty");
  return `${name}.${[...record.subarray(1, 4)].map(hex).join("")}`;
}

/** HEVCDecoderConfigurationRecord, ISO 14496-15 annex E. */
function hevc(entry: Uint8Array, name: string): string {
  const record = Buffer.from(config(entry, VISUAL_ENTRY, "hvcC"));
  const general = record.readUInt8(1);
  const space = ["", "A", "B", "C"][general >> 6] ?? "";
  let flags = record.readUInt32BE(2);
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++, flags >>>= 1) reversed = (reversed * 2 + (flags & 1)) >>> 0;
  const constraints = [...record.subarray(6, 12)];
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const tier = general & 0x20 ? "H" : "L";
  const parts = [name, `${space}${general & 0x1f}`, reversed.toString(16), `${tier}${record.readUInt8(12)}`];
  return [...parts, ...constraints.map((byte) => byte.toString(16))].join(".");
}

/** VPCodecConfigurationRecord of the VP9 binding: version and flags, profile, level, bit depth in the high four bits. */
function vp9(entry: Uint8Array): string {
  const [profile = 0, level = 0, depth = 0] = config(entry, VISUAL_ENTRY, "vpcC").subarray(4);
  const two = (value: number) => String(value).padStart(2, "0");
  return `vp09.${two(profile)}.${two(level)}.${two(depth >> 4)}`;
}

/** Object type and audio object type out of the nested descriptors of an esds, lengths in one to four bytes. */
function aac(entry: Uint8Array): string {
  const esds = config(entry, AUDIO_ENTRY, "esds");
  let at = 4;
  const enter = (tag: number): void => {
    if (esds[at++] !== tag) throw malformed("an esds box can't be read");
    while ((esds[at++] ?? 0) & 0x80) {}
  };
  enter(0x03);
  const flags = esds[at + 2] ?? 0;
  at += 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x20 ? 2 : 0);
  enter(0x04);
  const type = esds[at] ?? 0;
  at += 13;
  enter(0x05);
  return `mp4a.${hex(type)}.${(esds[at] ?? 0) >> 3}`;
}

/**
 * Name of the codec of a sample entry, for CODECS.
 * @throws FlyBrowserError `ffmpeg_failed` when its configuration is missing.
 */
export function codecString(name: string, entry: Uint8Array): string {
  switch (name) {
    case "avc1":
    case "avc3":
      return avc(entry, name);
    case "hvc1":
    case "hev1":
      return hevc(entry, name);
    case "vp09":
      return vp9(entry);
    case "mp4a":
      return aac(entry);
    default:
      return name.toLowerCase() === "opus" ? "opus" : name;
  }
}
