// Requests that are held back until a packager has what they ask for (RFC 8216bis 6.2.5.2 calls them blocked). All that ask for
// the same thing wait together.
import { LATE, timeout } from "../../protocol/async.ts";
import type { Packager } from "../packager/packager.ts";

/** ms that a first request waits for a stream that has no video yet. */
export const PLAYABLE_WITHIN = 5_000;
/** A blocked request is given up after so many target durations (RFC 8216bis 6.2.5.2). */
const TARGET_DURATIONS = 3;

interface BlockedRequest {
  readonly test: () => boolean;
  readonly wake: () => void;
  /** Whether what it waits for has happened. */
  readonly done: Promise<boolean>;
}

/** The blocked requests of one stream. */
export class BlockedRequests {
  readonly #packager: Packager;
  readonly #blocked = new Map<string, BlockedRequest>();

  /** `often`: what is waited for can come with any unit, not only with a part. */
  constructor(packager: Packager, often = false) {
    this.#packager = packager;
    const look = () => {
      for (const { test, wake } of this.#blocked.values()) if (test()) wake();
    };
    if (often) packager.onGrowth(look);
    else packager.onChange(look);
  }

  /** ms; the longest that a request waits once the stream is playable. */
  get patience(): number {
    return this.#packager.target_duration * TARGET_DURATIONS * 1000;
  }

  /**
   * True once `test` holds: at once, or after a change of the packager; false after `within` ms. Equal keys mean equal tests;
   * whoever joins others shares what is left of their time.
   */
  until(key: string, test: () => boolean, within = this.patience): Promise<boolean> | true {
    if (test()) return true;
    const known = this.#blocked.get(key);
    if (known) return known.done;
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const done = timeout(woken, within).then((result) => {
      this.#blocked.delete(key);
      return result !== LATE;
    });
    this.#blocked.set(key, { test, wake, done });
    return done;
  }
}
