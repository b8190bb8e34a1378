// Reads the Matroska that MediaRecorder writes of a picture alone, as it comes.
import { children, elementAt, ID, joined, readUint } from "./ebml.ts";

/** Set in the flags of a SimpleBlock (RFC 9559 10.3). */
const KEYFRAME = 0x80;
/** Bytes of a block in front of its frame, where track numbers are below 128. */
const BLOCK_HEAD = 4;

/** What stands in front of the frames, as it was written. */
export interface RecordingHead {
  readonly ebml: Uint8Array;
  readonly info: Uint8Array;
  readonly track: Uint8Array;
  readonly track_number: number;
}

/** A frame. */
export interface VideoBlock {
  /** ms since the first one. */
  readonly time: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

/** The reader of one recording. */
export class MatroskaReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #ebml: Uint8Array = new Uint8Array(0);
  #info: Uint8Array = new Uint8Array(0);
  #head: RecordingHead | null = null;
  /** ms */
  #cluster = 0;

  /** `null` until it was read. */
  get head(): RecordingHead | null {
    return this.#head;
  }

  /**
   * Takes the next bytes; gives the frames that are whole.
   * @throws Error where it isn't Matroska
   */
  read(bytes: Uint8Array): VideoBlock[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : joined([this.#bytes, bytes]);
    const blocks: VideoBlock[] = [];
    let at = 0;
    for (;;) {
      const place = elementAt(this.#bytes, at);
      if (!place) break;
      const { id, begin, end } = place;
      if (id === ID.segment || id === ID.cluster) {
        at = begin;
        continue;
      }
      if (end === null) throw new Error(`the element ${id.toString(16)} has no size`);
      if (end > this.#bytes.length) break;
      const block = this.#take(id, this.#bytes.subarray(at, end), this.#bytes.subarray(begin, end));
      if (block) blocks.push(block);
      at = end;
    }
    this.#bytes = this.#bytes.slice(at);
    return blocks;
  }

  #take(id: number, whole: Uint8Array, content: Uint8Array): VideoBlock | null {
    if (id === ID.ebml) this.#ebml = whole.slice();
    else if (id === ID.info) this.#info = whole.slice();
    else if (id === ID.tracks) this.#readTracks(content);
    else if (id === ID.timestamp) this.#cluster = readUint(content);
    else if (id === ID.simple_block) return this.#block(content, ((content[3] ?? 0) & KEYFRAME) !== 0);
    else if (id === ID.block_group) {
      const inner = children(content);
      const block = inner.find((child) => child.id === ID.block);
      const keyframe = inner.every((child) => child.id !== ID.reference_block);
      if (block) return this.#block(block.content, keyframe);
    }
    return null;
  }

  #readTracks(content: Uint8Array): void {
    const track = children(content).find(({ id }) => id === ID.track);
    const number = track && children(track.content).find(({ id }) => id === ID.track_number);
    if (!track || !number) throw new Error("a recording without a track");
    this.#head = {
      ...{ ebml: this.#ebml, info: this.#info },
      ...{ track: track.whole.slice(), track_number: readUint(number.content) },
    };
  }

  #block(content: Uint8Array, keyframe: boolean): VideoBlock {
    const offset = new DataView(content.buffer, content.byteOffset, content.byteLength).getInt16(1);
    return { time: this.#cluster + offset, keyframe, data: content.slice(BLOCK_HEAD) };
  }
}
