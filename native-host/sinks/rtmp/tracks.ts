// What an init segment says about its one track, as far as RTMP needs it: codec and configuration record.
// Never reads samples (samples.ts).
import probe from "mux.js/lib/mp4/probe.js";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type InitSegment, readInitSegment } from "../../media/init-segment.ts";

/** Codecs that go out by RTMP, and the FourCC of Enhanced RTMP for those that plain FLV has no number for. */
export const VIDEO_FOURCC = { h264: null, h265: "hvc1", vp9: "vp09" } as const;
/** A video codec that RTMP can carry. */
export type VideoCodec = keyof typeof VIDEO_FOURCC;

interface Track {
  readonly init: InitSegment;
  /** What the sequence header carries: avcC, hvcC or vpcC record, or AudioSpecificConfig. */
  readonly config: Uint8Array;
}
/** A video track. */
export interface VideoTrack extends Track {
  readonly kind: "video";
  readonly codec: VideoCodec;
}
/** An AAC track. */
export interface AudioTrack extends Track {
  readonly kind: "audio";
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
}

/** Sample entry → codec and the box of its configuration. */
const VIDEO_ENTRIES: Record<string, { codec: VideoCodec; config: string; skip: number }> = {
  avc1: { codec: "h264", config: "avcC", skip: 0 },
  avc3: { codec: "h264", config: "avcC", skip: 0 },
  hvc1: { codec: "h265", config: "hvcC", skip: 0 },
  hev1: { codec: "h265", config: "hvcC", skip: 0 },
  // The record that Enhanced RTMP wants comes after the box's version and flags.
  vp09: { codec: "vp9", config: "vpcC", skip: 4 },
};
/** Bytes of a visual and of an audio sample entry before their child boxes. */
const VISUAL_ENTRY = 78;
const AUDIO_ENTRY = 28;

/**
 * Reads the init segment of a video track.
 * @throws FlyBrowserError `unsupported_combination` for a codec that FLV can't carry, `ffmpeg_failed` for a broken one.
 */
export function readVideoTrack(data: Uint8Array): VideoTrack {
  const init = readInitSegment(0, data);
  const { name, body } = sampleEntry(data);
  const known = VIDEO_ENTRIES[name];
  if (!known) throw cannotCarry(`video as ${name}`);
  const config = child(body.subarray(VISUAL_ENTRY), known.config).subarray(known.skip);
  return { kind: "video", codec: known.codec, init, config };
}

/** Reads the init segment of an AAC track. @throws FlyBrowserError like {@link readVideoTrack}. */
export function readAudioTrack(data: Uint8Array): AudioTrack {
  const init = readInitSegment(0, data);
  const { name, body } = sampleEntry(data);
  if (name !== "mp4a") throw cannotCarry(`sound as ${name}`);
  const esds = child(body.subarray(AUDIO_ENTRY), "esds");
  const sound = { channels: body.readUInt16BE(16), sampleRate: body.readUInt32BE(24) >>> 16 };
  return { kind: "audio", ...sound, init, config: audioSpecificConfig(esds.subarray(4)) };
}

function sampleEntry(data: Uint8Array): { name: string; body: Buffer } {
  const [stsd] = probe.findBox(data, ["moov", "trak", "mdia", "minf", "stbl", "stsd"]);
  if (!stsd) throw broken("stsd");
  const entry = Buffer.from(stsd.buffer, stsd.byteOffset, stsd.byteLength).subarray(8);
  return { name: entry.toString("latin1", 4, 8), body: entry.subarray(8) };
}

/** The DecoderSpecificInfo (tag 5) inside the descriptors of an esds box (ISO 14496-1). */
function audioSpecificConfig(descriptors: Uint8Array): Uint8Array {
  for (let at = 0; at < descriptors.length; ) {
    const tag = descriptors[at++];
    let length = 0;
    for (let byte = 0x80; byte & 0x80; ) {
      byte = descriptors[at++] ?? 0;
      length = (length << 7) | (byte & 0x7f);
    }
    if (tag === 5) return descriptors.subarray(at, at + length);
    const flags = descriptors[at + 2] ?? 0;
    if (tag === 3) at += 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x20 ? 2 : 0);
    else if (tag === 4) at += 13;
    else at += length;
  }
  throw broken("AudioSpecificConfig");
}

function child(boxes: Uint8Array, type: string): Uint8Array {
  const [found] = probe.findBox(boxes, [type]);
  if (!found) throw broken(type);
  return found;
}

function broken(what: string): FlyBrowserError {
  return new FlyBrowserError("ffmpeg_failed", { reason: `an init segment without ${what}` });
}

function cannotCarry(what: string): FlyBrowserError {
  const instead = "Choose codec h264.";
  return new FlyBrowserError("unsupported_combination", {
    what: `RTMP with ${what}`,
    reason: "FLV can't carry it",
    instead,
  });
}
