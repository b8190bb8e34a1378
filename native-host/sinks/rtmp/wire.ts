// An open socket that speaks RTMP: handshake, chunks, acknowledgements, pings, and noticing that the other side is gone.
import type { Socket } from "node:net";
import { Deadline, timeout } from "../../../protocol/async.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence, type Words } from "../../../protocol/sentence.ts";
import { type AmfValue, decodeAmf0 } from "./amf0.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { Handshake } from "./handshake.ts";
import {
  acknowledgement,
  CHUNK_STREAM,
  MESSAGE,
  pingResponse,
  type RtmpMessage,
  setChunkSize,
  USER_CONTROL,
  windowSize,
} from "./messages.ts";
import { plainWords } from "./rtmp-socket.ts";
import { SocketWriter } from "./socket-writer.ts";

/** Who is told what comes in. */
export interface WireListener {
  /** A command and its arguments. */
  command(values: AmfValue[]): void;
  /** The end, told once: what went wrong in a few words, or an error that says it. */
  ended(reason: Words | FlyBrowserError, cause?: Error): void;
}

/** Bytes. */
const CHUNK_SIZE = 4096;
/**
 * Bytes after which the server is asked to acknowledge: how a dead one behind a live network path is noticed. So few that a page
 * that hardly moves sends them in seconds, too.
 */
const OUR_WINDOW = 32 * 1024;
/** ms */
const WATCH_EVERY = 250;

/** The wire of one connection. */
export class RtmpWire {
  readonly #socket: Socket;
  readonly #listener: WireListener;
  readonly #stallTimeout: number;
  readonly #out: SocketWriter;
  readonly #chunks = new ChunkWriter();
  readonly #reader = new ChunkReader();
  readonly #handshake = new Handshake();
  readonly #watch: ReturnType<typeof setInterval>;
  #handshaken: (() => void) | null = null;
  #ended = false;
  #received = 0;
  #acknowledged = 0;
  #theirWindow = 0;
  /** The server's last acknowledgement; `null`: it has never sent one. */
  #ack: { sent: number; at: number } | null = null;
  /** Most bytes from one acknowledgement to the next: servers may have windows of their own. */
  #ackEvery = OUR_WINDOW;

  /** @param stallTimeout ms without any byte taken, or without an acknowledgement that is due, until the end. */
  constructor(socket: Socket, stallTimeout: number, listener: WireListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#stallTimeout = stallTimeout;
    this.#out = new SocketWriter(socket);
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("error", (error) => this.#end(plainWords(error), error));
    socket.on("close", () => this.#end(sentence("rtmp.server_closed")));
    this.#watch = setInterval(() => this.#checkAlive(), WATCH_EVERY);
    this.#watch.unref();
  }

  /** Bytes that the network has taken. */
  get bytes_sent(): number {
    return this.#out.sent;
  }

  /** Resolves when the network has taken what waits, but for a little; `undefined`: it has now. */
  drained(): Promise<void> | undefined {
    return this.#out.drained();
  }

  /** Shakes hands; whether the server repeated it as the specification asks. Waits for ever: the caller has the clock. */
  async shakeHands(): Promise<boolean> {
    const done = new Promise<void>((resolve) => {
      this.#handshaken = resolve;
    });
    this.#out.write(this.#handshake.opening);
    await done;
    return this.#handshake.echoed;
  }

  /** Says how large the chunks are from here on, and when acknowledgements are wanted. */
  announce(): void {
    this.send(CHUNK_STREAM.control, windowSize(OUR_WINDOW));
    this.send(CHUNK_STREAM.control, setChunkSize(CHUNK_SIZE));
    this.#chunks.chunkSize = CHUNK_SIZE;
  }

  /** Sends a message. */
  send(chunkStream: number, message: RtmpMessage): void {
    if (!this.#ended) this.#out.write(this.#chunks.write(chunkStream, message));
  }

  /** Ends the socket once everything that waits is sent, or after so many ms without regard. */
  async finish(within: number): Promise<void> {
    this.#ended = true;
    clearInterval(this.#watch);
    const deadline = new Deadline(within);
    await timeout(this.#out.drained(0) ?? Promise.resolve(), deadline.left);
    if (!this.#socket.destroyed) {
      const closed = new Promise((resolve) => this.#socket.once("close", resolve));
      this.#socket.end();
      await timeout(closed, deadline.left);
    }
    this.destroy();
  }

  /** Ends the socket at once and says nothing of it. Idempotent. */
  destroy(): void {
    this.#ended = true;
    clearInterval(this.#watch);
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) return;
    this.#received += bytes.length;
    try {
      const rest = this.#handshaken ? this.#shake(bytes, this.#handshaken) : bytes;
      if (rest) for (const message of this.#reader.push(rest)) this.#handle(message);
    } catch (thrown) {
      const reason = sentence("rtmp.unreadable");
      const known = thrown instanceof FlyBrowserError;
      this.#end(known ? thrown : new FlyBrowserError("rtmp_invalid_answer", { reason }, { cause: thrown }));
      return;
    }
    if (this.#theirWindow > 0 && this.#received - this.#acknowledged >= this.#theirWindow) {
      this.#acknowledged = this.#received;
      this.send(CHUNK_STREAM.control, acknowledgement(this.#received));
    }
  }

  #shake(bytes: Buffer, done: () => void): Buffer | null {
    const { reply, rest } = this.#handshake.push(bytes);
    if (reply.length > 0) this.#out.write(reply);
    if (!rest) return null;
    this.#handshaken = null;
    done();
    return rest;
  }

  #handle({ type, body }: RtmpMessage): void {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    if (type === MESSAGE.windowSize && body.byteLength >= 4) this.#theirWindow = view.getUint32(0);
    else if (type === MESSAGE.acknowledgement) this.#acknowledgedBy(this.#out.sent);
    else if (type === MESSAGE.command) this.#listener.command(decodeAmf0(body));
    else if (type === MESSAGE.userControl && body.byteLength >= 6 && view.getUint16(0) === USER_CONTROL.pingRequest) {
      this.send(CHUNK_STREAM.control, pingResponse(body.subarray(2)));
    }
    // Everything else (metadata, aggregates, shared objects) is of no interest to a publisher.
  }

  #acknowledgedBy(sent: number): void {
    this.#ackEvery = Math.max(this.#ackEvery, sent - (this.#ack?.sent ?? 0));
    this.#ack = { sent, at: performance.now() };
  }

  #checkAlive(): void {
    const stalled = this.#out.stalled_for > this.#stallTimeout;
    // Only a server that has acknowledged before is expected to go on with it: not all of them do.
    const late = this.#ack !== null && performance.now() - this.#ack.at > this.#stallTimeout;
    const due = this.#ack !== null && this.#out.sent - this.#ack.sent > 2 * this.#ackEvery;
    if (stalled || (late && due))
      this.#end(sentence("rtmp.server_stalled", { seconds: Math.round(this.#stallTimeout / 1000) }));
  }

  #end(reason: Words | FlyBrowserError, cause?: Error): void {
    if (this.#ended) return;
    this.destroy();
    this.#listener.ended(reason, cause);
  }
}
