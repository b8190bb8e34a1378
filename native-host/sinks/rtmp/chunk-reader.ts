// Puts messages together from chunks (RTMP 1.0, section 5.3.1), in all four header forms. Follows the server's chunk size and
// aborts by itself.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type Sentence, sentence } from "../../../protocol/sentence.ts";
import { DEFAULT_CHUNK_SIZE } from "./chunk-writer.ts";
import { MESSAGE, type RtmpMessage } from "./messages.ts";

/**
 * What a server may send, bytes: a message, at once, a second. A publisher is sent commands, status and acknowledgements only: what
 * is more is no honest answer.
 */
const FROM_SERVER = { message: 64 * 1024, at_once: 1024 * 1024, second: 64 * 1024 };
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
  body: Buffer;
  missing: number;
}

const EMPTY = Buffer.alloc(0);

/** The chunks of one connection, inwards. */
export class ChunkReader {
  /** A header that isn't whole. */
  #header = EMPTY;
  #chunkSize = DEFAULT_CHUNK_SIZE;
  readonly #streams = new Map<number, ChunkStream>();
  /** The chunk whose payload comes, and how much of it is still to come. */
  #filling: { readonly stream: ChunkStream; left: number } | null = null;
  readonly #limits: typeof FROM_SERVER;
  #allowance: number;
  #refilledAt = performance.now();

  /** `limits`: replaced by those who read what a publisher sends. */
  constructor(limits: typeof FROM_SERVER = FROM_SERVER) {
    this.#limits = limits;
    this.#allowance = limits.at_once;
  }

  /**
   * Takes bytes, gives the messages that they complete.
   * @throws FlyBrowserError `rtmp_invalid_answer` when they are no chunks; the reader is of no use afterwards.
   */
  push(bytes: Uint8Array): RtmpMessage[] {
    this.#allow(bytes.length);
    const buffer = Buffer.concat([this.#header, bytes]);
    const messages: RtmpMessage[] = [];
    let at = 0;
    for (;;) {
      if (this.#filling) at += this.#fill(this.#filling, buffer, at);
      if (this.#filling?.left === 0) {
        const { stream } = this.#filling;
        this.#filling = null;
        if (stream.missing === 0) messages.push(this.#complete(stream));
      }
      if (this.#filling) break;
      const header = this.#readHeader(buffer.subarray(at));
      if (header === 0) break;
      at += header;
    }
    this.#header = buffer.subarray(at);
    return messages;
  }

  /** Each byte costs time: whoever sends chunks of a byte sends nothing else. */
  #allow(bytes: number): void {
    const now = performance.now();
    this.#allowance += ((now - this.#refilledAt) / 1000) * this.#limits.second;
    this.#allowance = Math.min(this.#limits.at_once, this.#allowance) - bytes;
    this.#refilledAt = now;
    if (this.#allowance < 0) throw invalid(sentence("rtmp.floods"));
  }

  #fill(chunk: { readonly stream: ChunkStream; left: number }, from: Buffer, at: number): number {
    const { stream } = chunk;
    const taken = Math.min(chunk.left, from.length - at);
    from.copy(stream.body, stream.length - stream.missing, at, at + taken);
    chunk.left -= taken;
    stream.missing -= taken;
    return taken;
  }

  #complete(stream: ChunkStream): RtmpMessage {
    const { type, streamId, timestamp, body } = stream;
    stream.body = EMPTY;
    const message = { type, streamId, timestamp, body };
    this.#obey(message);
    return message;
  }

  /** Begins the chunk whose header stands at the start of the buffer; gives its length, 0: not all of it is there yet. */
  #readHeader(buffer: Buffer): number {
    const first = buffer[0];
    if (first === undefined) return 0;
    const form = (first >> 6) as 0 | 1 | 2 | 3;
    let id = first & 0x3f;
    let at = id === 0 ? 2 : id === 1 ? 3 : 1;
    if (buffer.length < at + HEADER_BYTES[form]) return 0;
    if (id === 0) id = 64 + buffer.readUInt8(1);
    else if (id === 1) id = 64 + buffer.readUInt16LE(1);

    const known = this.#streams.get(id);
    if (!known && form !== 0) throw invalid(sentence("rtmp.no_header", { id }));
    if (!known && this.#streams.size >= MAX_CHUNK_STREAMS) throw invalid(sentence("rtmp.many_streams"));
    const stream: ChunkStream = known ?? {
      ...{ timestamp: 0, delta: 0, extended: false, length: 0, type: 0, streamId: 0, body: EMPTY, missing: 0 },
    };
    const begins = stream.missing === 0;
    if (!begins && form !== 3) throw invalid(sentence("rtmp.nested_message"));
    const time = form === 3 ? 0 : buffer.readUIntBE(at, 3);
    const extended = form === 3 ? stream.extended : time === EXTENDED;
    const end = at + HEADER_BYTES[form] + (extended ? 4 : 0);
    if (buffer.length < end) return 0;

    stream.extended = extended;
    if (form <= 1) {
      stream.length = buffer.readUIntBE(at + 3, 3);
      stream.type = buffer.readUInt8(at + 6);
    }
    if (form === 0) stream.streamId = buffer.readUInt32LE(at + 7);
    at = end;
    if (begins) this.#begin(stream, form, extended ? buffer.readUInt32BE(end - 4) : time);
    this.#streams.set(id, stream);
    this.#filling = { stream, left: Math.min(stream.missing, this.#chunkSize) };
    return at;
  }

  #begin(stream: ChunkStream, form: number, time: number): void {
    if (stream.length > this.#limits.message) throw invalid(sentence("rtmp.large_message", { bytes: stream.length }));
    if (form === 0) stream.timestamp = time;
    if (form === 0) stream.delta = 0;
    else if (form !== 3) stream.delta = time;
    if (form !== 0) stream.timestamp = (stream.timestamp + stream.delta) % 2 ** 32;
    stream.missing = stream.length;
    stream.body = Buffer.allocUnsafe(stream.length);
  }

  #obey(message: RtmpMessage): void {
    if (message.type !== MESSAGE.setChunkSize && message.type !== MESSAGE.abort) return;
    if (message.body.byteLength < 4) throw invalid(sentence("rtmp.cut_control"));
    const value = new DataView(message.body.buffer, message.body.byteOffset).getUint32(0);
    if (message.type === MESSAGE.abort) {
      const stream = this.#streams.get(value);
      if (stream) Object.assign(stream, { body: EMPTY, missing: 0 });
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
