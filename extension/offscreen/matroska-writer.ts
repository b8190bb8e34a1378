// Writes picture and sound as one live Matroska stream, each block as it comes. A library that writes it holds blocks back to put them in
// order, and wants H.264's configuration in front of a stream that has it in band, anew with each size.
import { element, ID, joined, sizeField, UNKNOWN_SIZE, uint } from "./ebml.ts";
import type { RecordingHead, VideoBlock } from "./matroska-reader.ts";

/** Set in the flags of a SimpleBlock (RFC 9559 10.3). */
const KEYFRAME = 0x80;
/** ms that a block may be off the time of its cluster: 16 bits with a sign say it. */
const MAX_OFFSET = 30_000;
/** TrackType of sound (RFC 9559 5.1.4.1.3). */
const AUDIO = 2;
/** Opus (RFC 7845): Hz, channels, samples at its beginning that are not sound, and ns that a decoder needs in front of a place. */
const OPUS = { rate: 48_000, channels: 2, pre_skip: 312, seek_pre_roll: 80_000_000 } as const;

/** The writer of one run. */
export class MatroskaWriter {
  readonly #video: number;
  readonly #audio: number;
  #pieces: Uint8Array[];
  #cluster: number | null = null;

  /** `sound`: there is Opus beside the picture. */
  constructor({ ebml, info, track, track_number }: RecordingHead, sound: boolean) {
    this.#video = track_number;
    this.#audio = track_number + 1;
    const tracks = sound ? [track, opusTrack(this.#audio)] : [track];
    this.#pieces = [ebml, uint(ID.segment), UNKNOWN_SIZE, info, element(ID.tracks, ...tracks)];
  }

  /** Adds a frame. A cluster begins with each keyframe. */
  video({ time, keyframe, data }: VideoBlock): void {
    this.#block(this.#video, time, keyframe, data, keyframe);
  }

  /** Adds a packet of Opus; ms. */
  sound(time: number, packet: Uint8Array): void {
    this.#block(this.#audio, time, true, packet, false);
  }

  /** Whether something was written that was not taken. */
  get waits(): boolean {
    return this.#pieces.length > 0;
  }

  /** Gives what was written since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = joined(this.#pieces);
    this.#pieces = [];
    return bytes;
  }

  #block(track: number, time: number, keyframe: boolean, data: Uint8Array, fresh: boolean): void {
    const at = Math.round(time);
    if (fresh || this.#cluster === null || Math.abs(at - this.#cluster) > MAX_OFFSET) {
      this.#cluster = at;
      this.#pieces.push(uint(ID.cluster), UNKNOWN_SIZE, element(ID.timestamp, uint(at)));
    }
    const head = new DataView(new ArrayBuffer(4));
    head.setUint8(0, 0x80 | track);
    head.setInt16(1, at - this.#cluster);
    head.setUint8(3, keyframe ? KEYFRAME : 0);
    this.#pieces.push(uint(ID.simple_block), sizeField(4 + data.length), new Uint8Array(head.buffer), data);
  }
}

function opusTrack(number: number): Uint8Array {
  const { rate, channels, pre_skip, seek_pre_roll } = OPUS;
  const head = new DataView(new ArrayBuffer(11)); // what follows "OpusHead", RFC 7845 5.1
  head.setUint8(0, 1);
  head.setUint8(1, channels);
  head.setUint16(2, pre_skip, true);
  head.setUint32(4, rate, true);
  const frequency = new DataView(new ArrayBuffer(8));
  frequency.setFloat64(0, rate);
  const text = new TextEncoder();
  return element(
    ID.track,
    element(ID.track_number, uint(number)),
    element(ID.track_uid, uint(number)),
    element(ID.track_type, uint(AUDIO)),
    element(ID.codec, text.encode("A_OPUS")),
    element(ID.codec_private, text.encode("OpusHead"), new Uint8Array(head.buffer)),
    element(ID.codec_delay, uint((pre_skip * 1e9) / rate)),
    element(ID.seek_pre_roll, uint(seek_pre_roll)),
    element(
      ID.audio,
      element(ID.sampling_frequency, new Uint8Array(frequency.buffer)),
      element(ID.channels, uint(channels)),
    ),
  );
}
