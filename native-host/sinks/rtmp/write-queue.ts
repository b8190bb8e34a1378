// The bounded queue in front of a socket. Beyond its bound it takes no more media: sound until there is room
// again, pictures until the next keyframe after that, so that what arrives can always be decoded.
// Never knows RTMP.
import type { Writable } from "node:stream";

/** How much may wait for the network. */
export interface QueueLimits {
  readonly bytes: number;
  /** ms of media */
  readonly span: number;
}

/** A piece of the stream. */
export interface QueueItem {
  readonly kind: "video" | "audio" | "control";
  readonly bytes: Uint8Array;
  /** ms */
  readonly timestamp: number;
  readonly keyframe: boolean;
}

/** Bytes that the socket is given at a time: what it has taken shows as one, done or not done. */
const PORTION = 64 * 1024;

/** The queue of one connection. */
export class WriteQueue {
  readonly #socket: Writable;
  readonly #limits: QueueLimits;
  readonly #waiting: { timestamp: number; bytes: Uint8Array }[] = [];
  /** Bytes that wait, those that the socket works on included. */
  #bytes = 0;
  #inFlight = 0;
  #sent = 0;
  #dropped = 0;
  #newest = 0;
  #skipping = false;
  #progressAt = Date.now();

  constructor(socket: Writable, limits: QueueLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Bytes that wait for the network. */
  get waitingBytes(): number {
    return this.#bytes;
  }
  /** Bytes that the network has taken. */
  get sentBytes(): number {
    return this.#sent;
  }
  /** Video frames that were left out. */
  get droppedFrames(): number {
    return this.#dropped;
  }
  /** ms for which bytes have waited without any of them moving; 0 when none wait. */
  get stalledFor(): number {
    return this.#bytes === 0 ? 0 : Date.now() - this.#progressAt;
  }

  /** Sends the piece, or leaves it out; whether it was sent. Control pieces always go. */
  push(item: QueueItem): boolean {
    if (!this.#admits(item)) {
      if (item.kind === "video") this.#dropped += 1;
      return false;
    }
    if (this.#bytes === 0) this.#progressAt = Date.now();
    if (item.kind !== "control") this.#newest = Math.max(this.#newest, item.timestamp);
    const timestamp = item.kind === "control" ? this.#newest : item.timestamp;
    this.#waiting.push({ timestamp, bytes: item.bytes });
    this.#bytes += item.bytes.byteLength;
    this.#pump();
    return true;
  }

  #pump(): void {
    for (let head = this.#waiting[0]; head && this.#inFlight < PORTION; head = this.#waiting[0]) {
      const portion = head.bytes.subarray(0, PORTION);
      head.bytes = head.bytes.subarray(portion.byteLength);
      if (head.bytes.byteLength === 0) this.#waiting.shift();
      this.#inFlight += portion.byteLength;
      this.#socket.write(portion, (error) => {
        this.#inFlight -= portion.byteLength;
        this.#bytes -= portion.byteLength;
        if (error) return; // the socket's owner hears of it too
        this.#sent += portion.byteLength;
        this.#progressAt = Date.now();
        this.#pump();
      });
    }
  }

  #admits(item: QueueItem): boolean {
    if (item.kind === "control") return true;
    if (item.kind === "audio") return this.#fits(1);
    if (this.#skipping) {
      // Half the room: else the next hiccup would cost the next group of pictures.
      if (item.keyframe && this.#fits(2)) this.#skipping = false;
    } else if (!this.#fits(1)) this.#skipping = true;
    return !this.#skipping;
  }

  #fits(part: number): boolean {
    const oldest = this.#waiting[0];
    const span = oldest ? this.#newest - oldest.timestamp : 0;
    return this.#bytes < this.#limits.bytes / part && span < this.#limits.span / part;
  }
}
