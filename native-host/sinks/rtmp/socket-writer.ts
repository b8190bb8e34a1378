// Writes to a socket so that its progress can be seen: how much it has taken, how much waits, for how long nothing has moved.
import type { Writable } from "node:stream";

/**
 * Bytes that the socket is given at a time. Node says that a write is done when all of it is: a large frame in one write would
 * look like a stall on a slow network.
 */
const PORTION = 64 * 1024;

/** The writer of one socket. */
export class SocketWriter {
  readonly #socket: Writable;
  readonly #queue: Uint8Array[] = [];
  readonly #waiters = new Set<{ readonly below: number; readonly resolve: () => void }>();
  /** Bytes that wait, those that the socket works on included. */
  #waiting = 0;
  #inFlight = 0;
  #pumpDue = false;
  #sent = 0;
  #progressAt = performance.now();
  #closed = false;

  constructor(socket: Writable) {
    this.#socket = socket;
    socket.once("close", () => this.#close());
  }

  /** Bytes that wait for the network. */
  get waiting(): number {
    return this.#waiting;
  }
  /** Bytes that the network has taken. */
  get sent(): number {
    return this.#sent;
  }
  /** ms for which bytes have waited without any of them moving; 0 when none wait. */
  get stalled_for(): number {
    return this.#waiting === 0 ? 0 : performance.now() - this.#progressAt;
  }

  /** Takes bytes, to be sent after all before them. Don't change them. */
  write(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#waiting === 0) this.#progressAt = performance.now();
    this.#queue.push(bytes);
    this.#waiting += bytes.byteLength;
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    // All messages of one unit go out in one system call.
    queueMicrotask(() => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  /** Resolves when no more than so many bytes wait, or the socket has ended; `undefined`: that is so now. */
  drained(below: number = PORTION): Promise<void> | undefined {
    if (this.#closed || this.#waiting <= below) return undefined;
    return new Promise((resolve) => this.#waiters.add({ below, resolve }));
  }

  #pump(): void {
    this.#socket.cork();
    for (let head = this.#queue[0]; head && this.#inFlight < PORTION; head = this.#queue[0]) {
      const portion = head.subarray(0, PORTION);
      if (portion.length < head.length) this.#queue[0] = head.subarray(portion.length);
      else this.#queue.shift();
      this.#inFlight += portion.length;
      this.#socket.write(portion, (error) => {
        this.#inFlight -= portion.length;
        this.#waiting -= portion.length;
        if (error) return; // the socket's owner hears of it too
        this.#sent += portion.length;
        this.#progressAt = performance.now();
        this.#release();
        this.#pump();
      });
    }
    this.#socket.uncork();
  }

  #close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#release();
  }

  #release(): void {
    for (const waiter of this.#waiters) {
      if (!this.#closed && this.#waiting > waiter.below) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
