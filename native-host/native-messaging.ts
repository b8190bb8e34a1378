// Chrome's native messaging on a pair of byte streams: a length of 4 bytes, little endian, then JSON.
// Owns stdin and stdout of the host.
import type { Readable, Writable } from "node:stream";
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import type { Transport } from "../protocol/transport.ts";

/** Largest message from the extension, bytes (Chrome's limit). */
export const MAX_INCOMING_BYTES = 64 * 1024 * 1024;
/** Largest message to the extension, bytes (Chrome ends the host when one is larger). */
export const MAX_OUTGOING_BYTES = 1024 * 1024;
/** Bytes that may wait for a browser that does not read before the host gives up. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const HEADER_BYTES = 4;

/**
 * Cuts a byte stream into messages. Each byte is copied at most once, however the pieces fall.
 * Throws FlyBrowserError `invalid_message` on a length out of bounds or bad JSON; the stream can't go on then.
 */
export class MessageReader {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #body: Buffer | null = null;
  #bodyBytes = 0;

  /** Takes the next piece and gives each message that is complete with it. */
  *push(piece: Buffer): Generator<unknown> {
    let at = 0;
    while (at < piece.length) {
      if (this.#body === null) {
        const taken = piece.copy(this.#header, this.#headerBytes, at, at + HEADER_BYTES - this.#headerBytes);
        this.#headerBytes += taken;
        at += taken;
        if (this.#headerBytes < HEADER_BYTES) return;
        const length = this.#length();
        if (piece.length - at >= length) {
          this.#headerBytes = 0;
          yield parse(piece.subarray(at, at + length));
          at += length;
          continue;
        }
        this.#body = Buffer.allocUnsafe(length);
        this.#bodyBytes = 0;
      }
      const taken = piece.copy(this.#body, this.#bodyBytes, at);
      this.#bodyBytes += taken;
      at += taken;
      if (this.#bodyBytes < this.#body.length) return;
      const body = this.#body;
      this.#body = null;
      this.#headerBytes = 0;
      yield parse(body);
    }
  }

  #length(): number {
    const length = this.#header.readUInt32LE(0);
    if (length > 0 && length <= MAX_INCOMING_BYTES) return length;
    const reason = sentence("message.wrong_length", { bytes: length, limit: MAX_INCOMING_BYTES });
    throw new FlyBrowserError("invalid_message", { name: "native-messaging", reason });
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    const reason = sentence("message.not_json", { bytes: body.length });
    throw new FlyBrowserError("invalid_message", { name: "native-messaging", reason }, { cause });
  }
}

/**
 * One message with its length in front.
 * @throws FlyBrowserError `internal` when it is larger than Chrome takes.
 */
export function frame(message: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(message), "utf8");
  if (json.length > MAX_OUTGOING_BYTES) {
    throw new FlyBrowserError("internal", { reason: sentence("message.too_large", { bytes: json.length }) });
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(json.length, 0);
  return Buffer.concat([header, json]);
}

/**
 * The transport over stdin and stdout of a host. It ends when stdin ends, when either stream fails, when a
 * message is malformed, or when the browser stops reading. `send` throws where {@link frame} does.
 */
export function nativeMessagingTransport(input: Readable, output: Writable): Transport {
  const reader = new MessageReader();
  let receive: (message: unknown) => void = () => {};
  let closed: (reason: Words) => void = () => {};
  let open = true;

  const end = (reason: Words): void => {
    if (!open) return;
    open = false;
    input.destroy();
    closed(reason);
  };
  const onPiece = (piece: Buffer): void => {
    try {
      for (const message of reader.push(piece)) if (open) receive(message);
    } catch (error) {
      end(error instanceof FlyBrowserError ? error.sentence : (error as Error).message);
    }
  };
  input.on("end", () => end(sentence("connection.browser_closed")));
  input.on("close", () => end(sentence("connection.browser_closed")));
  input.on("error", (error) => end(sentence("connection.read_failed", { error: error.message })));
  output.on("error", (error) => end(sentence("connection.write_failed", { error: error.message })));

  return {
    send(message) {
      if (!open) return;
      output.write(frame(message));
      if (output.writableLength > MAX_WAITING_BYTES) end(sentence("connection.browser_stalled"));
    },
    onMessage(listener) {
      receive = listener;
      input.on("data", onPiece); // begins the flow only now, so that nothing is lost
      input.resume(); // where its first message was looked at, it was paused
    },
    onClose(listener) {
      closed = listener;
    },
    close() {
      open = false;
      input.destroy();
    },
  };
}
