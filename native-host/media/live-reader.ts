// One viewer of the live engine: what is written to its socket, and what it loses when it doesn't read in time.
import type { LiveMessage } from "../../protocol/live-messages.ts";
import { websocketFrame } from "./websocket-frame.ts";

/**
 * What may wait for a viewer: ms since it was sent, and bytes. Later it isn't live, and it does better by a lower rendition of HLS. The bytes
 * are the same for all viewers, in memory once.
 */
const LIMITS = { age: 1_500, bytes: 16 * 1024 * 1024 } as const;

/** A message, ready for the wire. */
export interface FramedMessage {
  readonly frame: Buffer;
  /** Frames of video in it. */
  readonly frames: number;
  /** A group of pictures begins with it; `null`: it isn't media, and never left out. */
  readonly opens_group: boolean | null;
}

/** Messages that go out together. */
export interface Batch {
  readonly messages: readonly FramedMessage[];
  /** All of them. */
  readonly bytes: Buffer;
}

/** What was left out because it wasn't read in time: groups of pictures (the rest of one counts too), units, frames of video. */
export interface LeftOut {
  readonly groups: number;
  readonly units: number;
  readonly frames: number;
}

/** Nothing. */
export const NOTHING_LEFT_OUT: LeftOut = { groups: 0, units: 0, frames: 0 };

/** Both. */
export function together(one: LeftOut, two: LeftOut): LeftOut {
  return { groups: one.groups + two.groups, units: one.units + two.units, frames: one.frames + two.frames };
}

/** Where a viewer's messages go. */
export interface LiveOutput {
  /** Bytes that were written and that the system hasn't taken yet. */
  readonly waiting: number;
  write(pieces: readonly Buffer[]): void;
  /** The stream is over, and all has been written. */
  end(): void;
}

/** The reader. */
export class LiveReader {
  readonly #output: LiveOutput;
  readonly #now: () => number;
  #sent = 0;
  /** What may still wait: when it was written, and the count of bytes up to its end. */
  #marks: { readonly at: number; readonly until: number }[] = [];
  #skipping = false;
  #left_out = NOTHING_LEFT_OUT;

  /** `now`: ms of any steady clock. */
  constructor(output: LiveOutput, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  /** What it has lost. */
  get left_out(): LeftOut {
    return this.#left_out;
  }

  /** The next messages, or as many of them as it has room for: what follows a gap begins with a group. */
  push({ messages, bytes }: Batch): void {
    if (!this.#skipping && !this.#fits(1)) {
      this.#skipping = true;
      this.#lose({ groups: 1 });
    }
    if (!this.#skipping) this.#write([bytes]);
    else this.#skip(messages);
  }

  /** Nothing more comes. */
  end(last: FramedMessage): void {
    this.#write([last.frame]);
    this.#output.end();
  }

  #skip(messages: readonly FramedMessage[]): void {
    const kept: Buffer[] = [];
    for (const message of messages) {
      if (message.opens_group && this.#skipping) {
        if (this.#fits(0.5)) {
          this.#skipping = false;
          const { groups, frames } = this.#left_out;
          kept.push(textFrame({ type: "left_out", groups, frames }));
        } else this.#lose({ groups: 1 });
      }
      if (!this.#skipping || message.opens_group === null) kept.push(message.frame);
      else this.#lose({ units: 1, frames: message.frames });
    }
    if (kept.length > 0) this.#write(kept);
  }

  #lose(more: Partial<LeftOut>): void {
    this.#left_out = together(this.#left_out, { ...NOTHING_LEFT_OUT, ...more });
  }

  #write(pieces: readonly Buffer[]): void {
    this.#output.write(pieces);
    for (const piece of pieces) this.#sent += piece.length;
    this.#marks.push({ at: this.#now(), until: this.#sent });
  }

  #fits(share: number): boolean {
    const { waiting } = this.#output;
    const gone = this.#marks.findIndex(({ until }) => until > this.#sent - waiting);
    this.#marks.splice(0, gone < 0 ? this.#marks.length : gone);
    const [oldest] = this.#marks;
    return waiting < LIMITS.bytes * share && (!oldest || this.#now() - oldest.at < LIMITS.age * share);
  }
}

/** A message of text, ready for the wire. */
export function textFrame(message: LiveMessage): Buffer {
  return websocketFrame(JSON.stringify(message));
}
