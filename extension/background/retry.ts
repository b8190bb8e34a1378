// Tries again, with pauses, what needs a host.
import { Backoff, sleep } from "../../protocol/async.ts";
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Log } from "../log.ts";

/** Pauses between attempts, ms. */
const PAUSES = { first: 500, longest: 5_000 } as const;

/** What {@link retry} needs. */
export interface RetryOptions {
  /** Asked before each attempt, and after one that failed. */
  readonly wanted: () => boolean;
  readonly log: Log;
  /** Waits between two attempts, for so many ms or until another one makes sense; by default for the whole time. */
  readonly pause?: (ms: number) => Promise<void>;
  /** Whether no further attempt is of use; none is by default. */
  readonly isFinal?: (error: FlyBrowserError) => boolean;
}

/**
 * Repeats `work` until it is done, or nobody wants it any more.
 * @throws FlyBrowserError what the last attempt threw, when it was final
 */
export async function retry(
  work: () => Promise<void>,
  { wanted, log, isFinal, pause = sleep }: RetryOptions,
): Promise<void> {
  const pauses = new Backoff(PAUSES);
  while (wanted()) {
    try {
      await work();
      return;
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      if (!wanted()) return;
      log.warn(error.message);
      if (isFinal?.(error)) throw error;
    }
    await pause(pauses.next());
  }
}
