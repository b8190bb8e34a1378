// Walks through the fragments of a media file of a recording. Reads the headers and the beginnings of keyframes alone: a
// recording may be many gigabytes.
import type { FileHandle } from "node:fs/promises";
import { readTrack, type TrackFacts } from "../../media/init-segment.ts";

/** Read at once: holds the header of a mdat and the moof behind it. */
const READ = 32 * 1024;
/** Bytes of a box's header. */
export const BOX_HEADER = 8;
const MAX_HEAD_BOX = 4 * 1024 * 1024;

/** A box of a file; bytes. */
export interface Box {
  readonly type: string;
  readonly at: number;
  readonly size: number;
}

/** Reads a file forward, a little at a time. */
export class FileReader {
  readonly #file: FileHandle;
  #buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes from a place; fewer at the end of the file. */
  async read(at: number, length: number): Promise<Buffer> {
    if (at < this.#at || at + length > this.#at + this.#buffer.length) {
      const buffer = Buffer.alloc(Math.max(READ, length));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      this.#buffer = buffer.subarray(0, bytesRead);
      this.#at = at;
    }
    return this.#buffer.subarray(at - this.#at, at - this.#at + length);
  }

  async box(at: number, end: number): Promise<Box | null> {
    const header = await this.read(at, BOX_HEADER);
    if (header.length < BOX_HEADER) return null;
    const size = header.readUInt32BE(0);
    return size < BOX_HEADER || at + size > end ? null : { type: header.toString("latin1", 4, 8), at, size };
  }
}

/** A fragment of a file. */
export interface FileFragment {
  readonly init: TrackFacts;
  readonly moof: Box;
  readonly mdat: Box;
}

/** The whole fragments of a file of `bytes` bytes, in their order. */
export async function* fragmentsOf(reader: FileReader, bytes: number): AsyncGenerator<FileFragment> {
  let init: TrackFacts | null = null;
  let moof: Box | null = null;
  for (let box = await reader.box(0, bytes); box; box = await reader.box(box.at + box.size, bytes)) {
    if (box.type === "moov" && box.size < MAX_HEAD_BOX) {
      init = readTrack(Buffer.from(await reader.read(0, box.at + box.size)));
    } else if (box.type === "moof") moof = box;
    else if (box.type === "mdat" && init && moof && moof.size < MAX_HEAD_BOX) {
      yield { init, moof, mdat: box };
      moof = null;
    }
  }
}
