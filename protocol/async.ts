// Waiting, with an end to it: timeouts, deadlines, one thing after another, pauses between attempts.

/** Resolves after `ms`. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What {@link timeout} gives for work that took too long. */
export const LATE: unique symbol = Symbol("late");

/** The result of `work`, or {@link LATE} after `ms`; the work itself goes on. Rejects as `work` does. */
export async function timeout<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A moment by which something must have happened, on a clock that never jumps. */
export class Deadline {
  readonly #at: number;

  /** @param within ms from now */
  constructor(within: number) {
    this.#at = performance.now() + within;
  }

  /** ms that are left; 0 once it has passed. */
  get left(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Whether it has passed. */
  get passed(): boolean {
    return this.left === 0;
  }
}

/** Runs functions one after another, in the order of their coming; one that fails doesn't stop the next. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` once all before it has settled; gives its result. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** What a {@link Backoff} needs. */
export interface BackoffOptions {
  /** ms before the first attempt after a failure, without jitter. */
  readonly first: number;
  /** ms; pauses grow no longer than this. */
  readonly longest: number;
  /** Share of a pause that may be left out by chance, so that many clients don't come back at once; 0 by default. */
  readonly jitter?: number;
  /** 0 to 1; replaced in tests. */
  readonly random?: () => number;
}

/** Pauses between attempts, which double from one to the next. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** ms until the next attempt. */
  next(): number {
    const { first, longest, jitter = 0, random = Math.random } = this.#options;
    const pause = Math.min(longest, first * 2 ** Math.min(this.#attempts++, 30));
    return pause * (1 - jitter * random());
  }

  /** The next pause is the first one again. */
  reset(): void {
    this.#attempts = 0;
  }
}
