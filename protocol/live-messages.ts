// The live engine's messages, over one WebSocket under /s/<stream_id>/<view_token>/live: the fragments of the one encoding, pushed as they
// come. Laid out as Media over QUIC has it (draft-ietf-moq-transport: tracks, groups, objects), so that it can carry them as they are.
import * as v from "valibot";

/** Version of these messages; the first one says it. Another one: the player takes another way. */
export const LIVE_VERSION = 1;

/** Name of the socket in the stream's folder. */
export const LIVE_SOCKET = "live";

/** What a track carries, and how a decoder is made for it: an entry of a catalog (draft-ietf-moq-msf). */
const LiveTrackSchema = v.object({
  /** By which its objects name it, until the next run. */
  track_alias: v.number(),
  kind: v.picklist(["video", "audio"]),
  /** With codecs, as MediaSource takes it. */
  mime_type: v.string(),
  /** The init segment (ftyp and moov), as base64. */
  init: v.string(),
});
/** A track of a run. */
export type LiveTrack = v.InferOutput<typeof LiveTrackSchema>;

/** Schema of {@link LiveMessage}. */
export const LiveMessageSchema = v.variant("type", [
  /** The first message. */
  v.object({ type: v.literal("hello"), version: v.number() }),
  /** A run begins: its tracks replace those before it. Its media go on by the same clock, after a gap or without one. */
  v.object({
    type: v.literal("run"),
    run: v.number(),
    /** Wall time of presentation time 0, ms since 1970. */
    date_zero: v.number(),
    tracks: v.array(LiveTrackSchema),
  }),
  /** So many groups of pictures, and frames of video in them, were left out for this viewer, all in all: it didn't read in time. */
  v.object({ type: v.literal("left_out"), groups: v.number(), frames: v.number() }),
  /** The stream is over: what was sent is all there is. */
  v.object({ type: v.literal("end") }),
]);
/** What is sent as text, in JSON. Everything else is binary: a {@link LiveObject}. */
export type LiveMessage = v.InferOutput<typeof LiveMessageSchema>;

/** Set where a decoder can start. */
const KEYFRAME = 0x01;
/** Bytes that the head of an object has at most. */
const LONGEST_HEAD = 4 * 8 + 1;

/**
 * A fragment: one binary message. Its head is `track_alias`, `group_id`, `object_id`, `presentation_time` as variable-length integers of
 * QUIC (RFC 9000 16) and a byte of flags (1: a decoder can start here; others are left for later, and ignored); the rest is moof and mdat.
 */
export interface LiveObject {
  readonly track_alias: number;
  /** A group begins with a keyframe; sound has the number of the group that it is heard with. Numbers go up, and some may be missing. */
  readonly group_id: number;
  /** From 0 in each group of a track. */
  readonly object_id: number;
  /** Of its first sample, µs on the stream's clock; also in the fragment. */
  readonly presentation_time: number;
  readonly keyframe: boolean;
}

/** The head of an object, in front of its fragment. */
export function objectHead(object: LiveObject): Uint8Array {
  const head = new Uint8Array(LONGEST_HEAD);
  const view = new DataView(head.buffer);
  let at = 0;
  for (const value of [object.track_alias, object.group_id, object.object_id, object.presentation_time]) {
    at += writeInteger(view, at, value);
  }
  view.setUint8(at++, object.keyframe ? KEYFRAME : 0);
  return head.subarray(0, at);
}

/** Reads a binary message. @throws RangeError when it ends within its head */
export function readObject(message: ArrayBuffer): LiveObject & { readonly payload: Uint8Array } {
  const view = new DataView(message);
  let at = 0;
  const next = (): number => {
    const length = 1 << (view.getUint8(at) >> 6);
    const value = readInteger(view, at, length);
    at += length;
    return value;
  };
  const [track_alias, group_id, object_id, presentation_time] = [next(), next(), next(), next()];
  const keyframe = (view.getUint8(at++) & KEYFRAME) !== 0;
  return { track_alias, group_id, object_id, presentation_time, keyframe, payload: new Uint8Array(message, at) };
}

/** Gives the bytes it took: 1, 2, 4 or 8, of which the two first bits tell. */
function writeInteger(view: DataView, at: number, value: number): number {
  if (value < 0x40) view.setUint8(at, value);
  else if (value < 0x4000) view.setUint16(at, 0x4000 | value);
  else if (value < 0x4000_0000) view.setUint32(at, 0x8000_0000 + value);
  else view.setBigUint64(at, (3n << 62n) | BigInt(value));
  return value < 0x40 ? 1 : value < 0x4000 ? 2 : value < 0x4000_0000 ? 4 : 8;
}

function readInteger(view: DataView, at: number, length: number): number {
  if (length === 1) return view.getUint8(at) & 0x3f;
  if (length === 2) return view.getUint16(at) & 0x3fff;
  if (length === 4) return view.getUint32(at) & 0x3fff_ffff;
  return Number(view.getBigUint64(at) & ((1n << 62n) - 1n));
}
