// What a sample entry (ISO 14496-12, 8.5.2) says of its codec: the RFC 6381 name, and the decoder's configuration. mux.js' own
// names miss HEVC and VP9, and FFmpeg's long form of the esds.

import { sentence } from "../../protocol/sentence.ts";
import { boxAt, malformed } from "./mp4.ts";

/** Bytes of a visual and of an audio sample entry before their child boxes. */
const VISUAL_ENTRY = 78;
const AUDIO_ENTRY = 28;

/** What is known of a codec. */
export interface CodecFacts {
  /** For CODECS, e.g. `avc1.42c01f`. */
  readonly codec: string;
  /**
   * The decoder's configuration: AVCDecoderConfigurationRecord, HEVCDecoderConfigurationRecord, VPCodecConfigurationRecord
   * without the box's version and flags, AudioSpecificConfig; empty for any other codec.
   */
  readonly config: Uint8Array;
}

const hex = (value: number) => value.toString(16).padStart(2, "0");

/** ISO 14496-15: version, profile, compatibility, level. */
function avc(entry: Uint8Array, name: string): CodecFacts {
  const config = boxAt(entry.subarray(VISUAL_ENTRY), "avcC");
  // FFmpeg writes it empty when it has seen no keyframe in time: players would refuse every segment.
  if (config.length < 4) throw malformed(sentence("mp4.empty_avcc"));
  return { codec: `${name}.${[...config.subarray(1, 4)].map(hex).join("")}`, config };
}

/** ISO 14496-15, annex E. */
function hevc(entry: Uint8Array, name: string): CodecFacts {
  const config = boxAt(entry.subarray(VISUAL_ENTRY), "hvcC");
  const general = config.readUInt8(1);
  const space = ["", "A", "B", "C"][general >> 6] ?? "";
  let flags = config.readUInt32BE(2);
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++, flags >>>= 1) reversed = (reversed * 2 + (flags & 1)) >>> 0;
  const constraints = [...config.subarray(6, 12)];
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const tier = general & 0x20 ? "H" : "L";
  const parts = [name, `${space}${general & 0x1f}`, reversed.toString(16), `${tier}${config.readUInt8(12)}`];
  return { codec: [...parts, ...constraints.map((byte) => byte.toString(16))].join("."), config };
}

/** VP codec ISO media file format binding: profile, level, bit depth in the high four bits. */
function vp9(entry: Uint8Array): CodecFacts {
  const config = boxAt(entry.subarray(VISUAL_ENTRY), "vpcC").subarray(4);
  const [profile = 0, level = 0, depth = 0] = config;
  const two = (value: number) => String(value).padStart(2, "0");
  return { codec: `vp09.${two(profile)}.${two(level)}.${two(depth >> 4)}`, config };
}

/** ISO 14496-1, 7.2.6: object type of the DecoderConfigDescriptor, then the DecoderSpecificInfo; lengths have one to four bytes. */
function aac(entry: Uint8Array): CodecFacts {
  const esds = boxAt(entry.subarray(AUDIO_ENTRY), "esds");
  let at = 4;
  const enter = (tag: number): number => {
    if (esds[at++] !== tag) throw malformed(sentence("mp4.unreadable_esds"));
    let length = 0;
    for (let byte = 0x80; byte & 0x80; ) {
      byte = esds[at++] ?? 0;
      length = (length << 7) | (byte & 0x7f);
    }
    return length;
  };
  enter(0x03);
  const flags = esds[at + 2] ?? 0;
  at += 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x20 ? 2 : 0);
  enter(0x04);
  const type = esds[at] ?? 0;
  at += 13;
  const length = enter(0x05);
  const config = esds.subarray(at, at + length);
  return { codec: `mp4a.${hex(type)}.${(config[0] ?? 0) >> 3}`, config };
}

/**
 * Reads a sample entry (without its box header); `name`: the type of its box.
 * @throws FlyBrowserError `ffmpeg_failed` when the configuration is missing
 */
export function readSampleEntry(name: string, entry: Uint8Array): CodecFacts {
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
      return { codec: name.toLowerCase() === "opus" ? "opus" : name, config: new Uint8Array() };
  }
}
