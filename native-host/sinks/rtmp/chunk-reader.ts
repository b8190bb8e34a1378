// Puts messages together from chunks (RTMP 1.0, section 5.3.1), in all four header forms. Follows the server's chunk size and
// aborts by itself.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type Sentence, sentence } from "../../../protocol/sentence.ts";
import { DEFAULT_CHUNK_SIZE } from "./chunk-writer.ts";
import { MESSAGE, type RtmpMessage } from "./messages.ts";

/** A publisher is sent commands and status only: what is larger is no honest answer. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_CHUNK_STREAMS = 64;
const EXTENDED = 0xffffff;
/** Bytes of the message header, by its form. */
const HEADER_BYTES = [11, 7, 3, 0] as const;

interface ChunkStream {
  timestamp: number;
  delta: number;
  extended: boolean;
  length: number;
  type: number;
  streamId: number;
  parts: Buffer[];
  missing: number;
}

/** The chunks of one connection, inwards. */
export class ChunkReader {
  #buffer = Buffer.alloc(0);
  #chunkSize = DEFAULT_CHUNK_SIZE;
  readonly #streams = new Map<number, ChunkStream>();

  /**
   * Takes bytes, gives the messages that they complete.
   * @throws FlyBrowserError `rtmp_invalid_answer` when they are no chunks; the reader is of no use afterwards.
   */
  push(bytes: Uint8Array): RtmpMessage[] {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#buffer, bytes]);
    const messages: RtmpMessage[] = [];
    for (let chunk = this.#chunk(); chunk !== null; chunk = this.#chunk()) {
      this.#buffer = this.#buffer.subarray(chunk.size);
      if (chunk.message === null) continue;
      this.#obey(chunk.message);
      messages.push(chunk.message);
    }
    return messages;
  }

  /** The chunk at the start of the buffer; `null`: not all of it is there yet. */
  #chunk(): { size: number; message: RtmpMessage | null } | null {
    const buffer = this.#buffer;
    const first = buffer[0];
    if (first === undefined) return null;
    const form = (first >> 6) as 0 | 1 | 2 | 3;
    let id = first & 0x3f;
    let at = id === 0 ? 2 : id === 1 ? 3 : 1;
    if (buffer.length < at + HEADER_BYTES[form]) return null;
    if (id === 0) id = 64 + buffer.readUInt8(1);
    else if (id === 1) id = 64 + buffer.readUInt16LE(1);

    const known = this.#streams.get(id);
    if (!known && form !== 0) throw invalid(sentence("rtmp.no_header", { id }));
    const stream: ChunkStream = known
      ? { ...known }
      : { timestamp: 0, delta: 0, extended: false, length: 0, type: 0, streamId: 0, parts: [], missing: 0 };
    const begins = stream.missing === 0;
    if (!begins && form !== 3) throw invalid(sentence("rtmp.nested_message"));

    let time = 0;
    if (form !== 3) {
      time = buffer.readUIntBE(at, 3);
      stream.extended = time === EXTENDED;
    }
    if (form <= 1) {
      stream.length = buffer.readUIntBE(at + 3, 3);
      stream.type = buffer.readUInt8(at + 6);
    }
    if (form === 0) stream.streamId = buffer.readUInt32LE(at + 7);
    at += HEADER_BYTES[form];
    if (stream.extended) {
      if (buffer.length < at + 4) return null;
      time = buffer.readUInt32BE(at);
      at += 4;
    }
    if (begins) {
      if (stream.length > MAX_MESSAGE_BYTES) throw invalid(sentence("rtmp.large_message", { bytes: stream.length }));
      if (form === 0) stream.timestamp = time;
      if (form === 0) stream.delta = 0;
      else if (form !== 3) stream.delta = time;
      if (form !== 0) stream.timestamp = (stream.timestamp + stream.delta) % 2 ** 32;
      stream.missing = stream.length;
      stream.parts = [];
    }
    const size = Math.min(stream.missing, this.#chunkSize);
    if (buffer.length < at + size) return null;

    stream.parts.push(Buffer.from(buffer.subarray(at, at + size)));
    stream.missing -= size;
    if (!known && this.#streams.size >= MAX_CHUNK_STREAMS) throw invalid(sentence("rtmp.many_streams"));
    this.#streams.set(id, stream);
    if (stream.missing > 0) return { size: at + size, message: null };
    const { type, streamId, timestamp } = stream;
    const body = Buffer.concat(stream.parts);
    stream.parts = [];
    return { size: at + size, message: { type, streamId, timestamp, body } };
  }

  #obey(message: RtmpMessage): void {
    if (message.type !== MESSAGE.setChunkSize && message.type !== MESSAGE.abort) return;
    if (message.body.byteLength < 4) throw invalid(sentence("rtmp.cut_control"));
    const value = new DataView(message.body.buffer, message.body.byteOffset).getUint32(0);
    if (message.type === MESSAGE.abort) {
      const stream = this.#streams.get(value);
      if (stream) Object.assign(stream, { parts: [], missing: 0 });
      return;
    }
    const size = value & 0x7fffffff;
    if (size < 1) throw invalid(sentence("rtmp.no_chunk_size"));
    this.#chunkSize = size;
  }
}

function invalid(reason: Sentence): FlyBrowserError {
  return new FlyBrowserError("rtmp_invalid_answer", { reason });
}
