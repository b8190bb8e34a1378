// Pauses between attempts that failed.
// Never decides what an attempt is.

/** ms before each attempt; the last one is repeated. */
export const PAUSES = [0, 500, 1_000, 2_000, 5_000] as const;

/** Gives the pause before attempt number `attempt` (from 0), ms. */
export function pauseBefore(attempt: number): number {
  return PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 0;
}

/** Resolves after `ms`. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for `work`, which never rejects, `ms` at most. */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
