// Waits for a condition, and never for a fixed time. Never swallows why the condition can't be met.
import { setTimeout as sleep } from "node:timers/promises";
import { paced } from "../../fixtures/pace.ts";

/** ms between two looks. */
const PAUSE = 50;

/**
 * The first value of `look` that isn't null, undefined or false.
 * Throws after `timeout` ms (longer on a slow machine) with `what` in words and the last error of `look` as cause.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeout = 10_000,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = performance.now() + paced(timeout);
  let cause: unknown;
  do {
    try {
      const value = await look();
      if (value !== null && value !== undefined && value !== false) {
        return value as Exclude<T, null | undefined | false>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(PAUSE);
  } while (performance.now() < deadline);
  throw new Error(`within ${paced(timeout)} ms: ${what}`, { cause });
}
