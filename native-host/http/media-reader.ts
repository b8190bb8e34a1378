// One client that fetches media: whether it is still there, by how long it usually pauses. Never knows who it is.

/** ms: a client is known well enough, by the pauses between its requests, once it has been here that long. */
const KNOWN_AFTER = 10_000;
/** A client has left when it is quiet for so many times the longest of its recent pauses… */
const PAUSES = 1.25;
/** …but not before that many ms, and after that many in any case. */
const LEAST_PATIENCE = 1_500;
const MOST_PATIENCE = 10_000;

/** A client. All times in ms of one clock. */
export class MediaReader {
  /** By which it fetches; `unknown`: that can't be told yet. */
  way: "hls" | "dash" | "unknown" = "unknown";
  readonly #since: number;
  readonly #patience: number;
  /** Requests that are being answered. */
  #open = 0;
  /** When the last answer ended. */
  #quietSince: number;
  /** The longest pause of this stretch of {@link KNOWN_AFTER}, and of the one before it. */
  #pause = 0;
  #pauseBefore = 0;
  #stretchEnds = 0;

  /** `patience`: for which it may be quiet while it isn't known well yet. */
  constructor(now: number, patience: number) {
    this.#since = now;
    this.#quietSince = now;
    this.#patience = patience;
  }

  /** It asks for something. */
  asks(now: number): void {
    if (this.#open === 0) this.#notePause(now);
    this.#open += 1;
  }

  /** It has been answered, or has gone. */
  answered(now: number): void {
    this.#open -= 1;
    this.#quietSince = now;
  }

  /** Whether it reads: it is being answered, or has been not much longer ago than it usually pauses. */
  reads(now: number): boolean {
    const usual = PAUSES * Math.max(this.#pause, this.#pauseBefore);
    const least = now - this.#since < KNOWN_AFTER ? this.#patience : LEAST_PATIENCE;
    return this.#quiet(now) <= Math.min(MOST_PATIENCE, Math.max(least, usual));
  }

  /** Whether it has been away for so long that it is of no use to remember it. */
  gone(now: number): boolean {
    return this.#quiet(now) > MOST_PATIENCE;
  }

  #quiet(now: number): number {
    return this.#open > 0 ? 0 : now - this.#quietSince;
  }

  #notePause(now: number): void {
    if (now > this.#stretchEnds) {
      this.#pauseBefore = this.#pause;
      this.#pause = 0;
      this.#stretchEnds = now + KNOWN_AFTER;
    }
    this.#pause = Math.max(this.#pause, now - this.#quietSince);
  }
}
