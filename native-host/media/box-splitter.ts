// Cuts a byte stream into the top-level boxes of an MP4, wherever the pieces were cut, without copying.

import { sentence } from "../../protocol/sentence.ts";
import { malformed } from "./mp4.ts";

/** A whole top-level box, header included, in the pieces in which it came. */
export interface Box {
  /** Four characters. */
  readonly type: string;
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
}

/** Largest box that is believed; a mdat is a few frames, so anything above is a broken stream. */
const MAX_BOX = 128 * 1024 * 1024;
const HEADER = 8;

/** The pieces as one: a view where they lie side by side in one buffer, else a copy. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (!first) return new Uint8Array();
  let end = first.byteOffset;
  for (const piece of pieces) {
    if (piece.buffer !== first.buffer || piece.byteOffset !== end) return Buffer.concat(pieces);
    end += piece.length;
  }
  return Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset);
}

/** Splits one byte stream. */
export class BoxSplitter {
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Size of the box under way; 0 while its header isn't whole. */
  #size = 0;
  #type = "";

  /**
   * Takes the next bytes and gives the boxes that they complete. The views stay valid as long as `bytes` is not reused.
   * @throws FlyBrowserError `ffmpeg_failed` on a header that can't be.
   */
  write(bytes: Uint8Array): Box[] {
    const boxes: Box[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const wanted = (this.#size || HEADER) - this.#length;
      const piece = rest.length > wanted ? rest.subarray(0, wanted) : rest;
      this.#pieces.push(piece);
      this.#length += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#size === 0 && this.#length === HEADER) this.#readHeader();
      if (this.#size > 0 && this.#length === this.#size) boxes.push(this.#take());
    }
    return boxes;
  }

  #readHeader(): void {
    const header = Buffer.from(join(this.#pieces));
    const size = header.readUInt32BE(0);
    this.#type = header.toString("latin1", 4, 8);
    if (!/^[\x20-\x7e]{4}$/.test(this.#type)) throw malformed(sentence("mp4.nameless"));
    if (size < HEADER || size > MAX_BOX) throw malformed(sentence("mp4.large_box", { type: this.#type, bytes: size }));
    this.#size = size;
  }

  #take(): Box {
    const box = { type: this.#type, pieces: this.#pieces, bytes: this.#length };
    this.#pieces = [];
    this.#length = 0;
    this.#size = 0;
    return box;
  }
}
