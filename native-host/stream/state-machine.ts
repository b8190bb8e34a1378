// The states of a stream in the host and the ways between them.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { STREAM_STATES } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";

/** A state of a stream. */
export type StreamState = (typeof STREAM_STATES)[number];

const TRANSITIONS: Readonly<Record<StreamState, readonly StreamState[]>> = {
  initializing: ["active", "recovering", "stopped", "error"],
  active: ["recovering", "stopped", "error"],
  recovering: ["active", "stopped", "error"],
  stopped: [],
  error: [],
};

/** Whether a stream in this state is over. */
export function isFinal(state: StreamState): boolean {
  return TRANSITIONS[state].length === 0;
}

/** Holds the state of one stream. */
export class StateMachine {
  #state: StreamState;

  /** `begin`: `recovering` where another host had the stream before. */
  constructor(begin: "initializing" | "recovering" = "initializing") {
    this.#state = begin;
  }

  get state(): StreamState {
    return this.#state;
  }

  /**
   * Moves on; `false` when it is in that state already.
   * @throws FlyBrowserError `internal` when there is no such way
   */
  go(next: StreamState): boolean {
    if (next === this.#state) return false;
    if (!TRANSITIONS[this.#state].includes(next)) {
      throw new FlyBrowserError("internal", {
        reason: sentence("stream.wrong_state", { from: this.#state, to: next }),
      });
    }
    this.#state = next;
    return true;
  }
}
