// EBML (RFC 8794), the elements of which Matroska (RFC 9559) is made: reads and writes what a live stream needs of them.

/** Ids of elements. */
export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  track: 0xae,
  track_number: 0xd7,
  track_uid: 0x73c5,
  track_type: 0x83,
  codec: 0x86,
  codec_private: 0x63a2,
  codec_delay: 0x56aa,
  seek_pre_roll: 0x56bb,
  audio: 0xe1,
  sampling_frequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simple_block: 0xa3,
  block_group: 0xa0,
  block: 0xa1,
  reference_block: 0xfb,
} as const;

/** The size of an element that goes on until one that can't be in it. */
export const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** Bytes of an element's content that are believed. */
const MAX_CONTENT = 64 * 1024 * 1024;

/** Where the content of an element begins and ends in the bytes at hand. */
export interface Place {
  readonly id: number;
  readonly begin: number;
  /** May lie behind them; `null`: its size is unknown. */
  readonly end: number | null;
}

/** An element that is there whole. */
export interface Element {
  readonly id: number;
  /** With id and size. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * The element that begins `at`; `null`: its id and size aren't there yet.
 * @throws Error where none begins
 */
export function elementAt(bytes: Uint8Array, at: number): Place | null {
  const idLength = lengthOf(bytes[at]);
  const sizeAt = at + idLength;
  const sizeLength = lengthOf(bytes[sizeAt]);
  const begin = sizeAt + sizeLength;
  if (at >= bytes.length || sizeAt >= bytes.length || begin > bytes.length) return null;
  if (idLength > 4 || sizeLength > 8) throw new Error("no EBML element");
  const id = readUint(bytes.subarray(at, sizeAt));
  const marker = 0xff >> sizeLength;
  const field = bytes.slice(sizeAt, begin);
  field[0] = (field[0] ?? 0) & marker;
  if (field.every((byte, index) => byte === (index === 0 ? marker : 0xff))) return { id, begin, end: null };
  const size = readUint(field);
  if (size > MAX_CONTENT) throw new Error(`an EBML element of ${size} bytes`);
  return { id, begin, end: begin + size };
}

/** The elements in the content of one. */
export function children(content: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const place = elementAt(content, at);
    if (!place || place.end === null || place.end > content.length) break;
    const { id, begin, end } = place;
    found.push({ id, whole: content.subarray(at, end), content: content.subarray(begin, end) });
    at = end;
  }
  return found;
}

/** An element with its content. */
export function element(id: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return joined([uint(id), sizeField(length), ...content]);
}

/** The size of an element, four bytes. */
export function sizeField(length: number): Uint8Array {
  const field = new DataView(new ArrayBuffer(4));
  field.setUint32(0, 0x1000_0000 | length);
  return new Uint8Array(field.buffer);
}

/** A whole number in no more bytes than it needs; an id as well. */
export function uint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; bytes.length === 0 || left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Uint8Array.from(bytes);
}

/** Reads a whole number of up to eight bytes. */
export function readUint(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** One array of several. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Bytes of an id or a size, as its first one says. */
function lengthOf(first = 0): number {
  return Math.clz32(first) - 23;
}
