// The client's side of RTMP's simple handshake (RTMP 1.0, section 5.2): C0 and C1 out, S0, S1 and S2 in, C2 out.
import { randomFillSync } from "node:crypto";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";

const VERSION = 3;
const BLOCK = 1536;
const RANDOM_AT = 8;

/** What a piece of the server's bytes led to. */
export interface HandshakeStep {
  /** To be sent to the server now; empty: nothing. */
  readonly reply: Buffer;
  /** `null`: more bytes are needed; else the bytes that follow the handshake. */
  readonly rest: Buffer | null;
}

/** One handshake, for one connection. */
export class Handshake {
  /** C0 and C1: the first bytes on the wire. */
  readonly opening: Buffer;
  #received = Buffer.alloc(0);
  #answered = false;
  #echoed = false;

  constructor() {
    this.opening = Buffer.alloc(1 + BLOCK);
    this.opening[0] = VERSION;
    // Time and version stay zero: a version would ask for the digest handshake.
    randomFillSync(this.opening, 1 + RANDOM_AT);
  }

  /** Whether S2 repeated C1 as the specification wants it; some servers that work well do not. */
  get echoed(): boolean {
    return this.#echoed;
  }

  /**
   * Takes bytes of the server.
   * @throws FlyBrowserError `rtmp_invalid_answer` when the other side does not speak RTMP.
   */
  push(bytes: Uint8Array): HandshakeStep {
    this.#received = Buffer.concat([this.#received, bytes]);
    const version = this.#received[0];
    if (version !== undefined && version !== VERSION) {
      throw new FlyBrowserError("rtmp_invalid_answer", {
        reason: sentence("rtmp.wrong_version", { given: version, expected: VERSION }),
      });
    }
    let reply = Buffer.alloc(0);
    if (!this.#answered && this.#received.length >= 1 + BLOCK) {
      this.#answered = true;
      reply = Buffer.from(this.#received.subarray(1, 1 + BLOCK)); // C2 repeats S1
    }
    const end = 1 + 2 * BLOCK;
    if (this.#received.length < end) return { reply, rest: null };
    const answer = this.#received.subarray(1 + BLOCK + RANDOM_AT, end);
    this.#echoed = answer.equals(this.opening.subarray(1 + RANDOM_AT));
    return { reply, rest: this.#received.subarray(end) };
  }
}
