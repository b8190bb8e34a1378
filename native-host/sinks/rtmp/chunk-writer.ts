// Cuts messages into chunks (RTMP 1.0, section 5.3.1). Each message begins with a full header: four to eight bytes more than the
// shortest form, and no state that could run apart from the server's.
import type { RtmpMessage } from "./messages.ts";

/** What both sides begin with. */
export const DEFAULT_CHUNK_SIZE = 128;
const EXTENDED = 0xffffff;

/** The chunks of one connection, outwards. */
export class ChunkWriter {
  #chunkSize = DEFAULT_CHUNK_SIZE;
  readonly #lastTimestamp = new Map<number, number>();

  /** Bytes of payload in a chunk; to be changed together with the SetChunkSize message that says so. */
  set chunkSize(bytes: number) {
    this.#chunkSize = bytes;
  }

  /** The bytes of a message on a chunk stream (2 to 63). Timestamps of a chunk stream never go back. */
  write(chunkStream: number, message: RtmpMessage): Buffer {
    const { body } = message;
    // Wraps after 49.7 days, as the field of 32 bits does.
    const timestamp = Math.max(message.timestamp, this.#lastTimestamp.get(chunkStream) ?? 0);
    this.#lastTimestamp.set(chunkStream, timestamp);
    const wire = timestamp % 2 ** 32;
    const extended = wire >= EXTENDED;

    const chunks = Math.max(1, Math.ceil(body.byteLength / this.#chunkSize));
    const extra = extended ? 4 : 0;
    const bytes = Buffer.allocUnsafe(12 + extra + (chunks - 1) * (1 + extra) + body.byteLength);
    bytes[0] = chunkStream;
    bytes.writeUIntBE(extended ? EXTENDED : wire, 1, 3);
    bytes.writeUIntBE(body.byteLength, 4, 3);
    bytes[7] = message.type;
    bytes.writeUInt32LE(message.streamId, 8);
    let at = 12;
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (chunk > 0) {
        bytes[at] = 0xc0 | chunkStream;
        at += 1;
      }
      if (extended) at = bytes.writeUInt32BE(wire, at);
      const payload = body.subarray(chunk * this.#chunkSize, (chunk + 1) * this.#chunkSize);
      bytes.set(payload, at);
      at += payload.byteLength;
    }
    return bytes;
  }
}
