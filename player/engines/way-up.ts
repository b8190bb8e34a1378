// Brings a viewer whose line broke down back up: tries every few seconds whether the line carries something better than what is loaded.
import { tryLine } from "./line-trial.ts";

/** A rendition that is better than the one that is loaded. */
export interface Better {
  readonly id: string;
  /** What all of it takes, sound included, bit/s. */
  readonly bitrate: number;
}

/** What a viewer could go up to. */
export interface Above {
  /** Best first, one at least. */
  readonly better: readonly [Better, ...Better[]];
  /** Finished segments of the best one, the newest first. */
  readonly segments: readonly string[];
}

/** What {@link WayUp} works with. */
export interface WayUpOptions {
  /** `null`: nothing is better, the viewer has chosen what is loaded, or needs all of the line now. */
  readonly above: () => Above | null;
  /** The line, of so many bit/s, carries this one. */
  readonly up: (id: string, speed: number) => void;
  /** As {@link tryLine}. */
  readonly measure?: typeof tryLine;
}

/** Segments that a trial may load, the newest first: eight of 2 kB tell something. */
export const TRIED_SEGMENTS = 8;

/** ms between two trials… */
const EVERY = 4_000;
/** …and before the one that decides: a line that is shaped lets the first bytes pass. */
const AGAIN = 1_000;
/** What the line must have more than a rendition takes. */
const SPARE = 1.2;
/** ms within which whoever comes down again went up too soon… */
const TOO_SOON = 8_000;
/** …and stays there for so long; twice that after each further time. */
const STAYS = 10_000;
const STAYS_MOST = 160_000;

/** The way up of one viewer. */
export class WayUp {
  readonly #options: WayUpOptions;
  readonly #closing = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** bit/s of the trial before, if that one was fast enough. */
  #before: number | null = null;
  /** ms of the page's clock; `null`: not since it came down last. */
  #wentUpAt: number | null = null;
  #stays = STAYS;
  #notBefore = 0;

  constructor(options: WayUpOptions) {
    this.#options = options;
    this.#schedule(EVERY);
  }

  /** The viewer came down again, by whatever. */
  cameDown(): void {
    const now = performance.now();
    if (this.#wentUpAt === null) return;
    const too_soon = now - this.#wentUpAt < TOO_SOON;
    this.#wentUpAt = null;
    if (!too_soon) {
      this.#stays = STAYS;
      return;
    }
    this.#notBefore = now + this.#stays;
    this.#stays = Math.min(this.#stays * 2, STAYS_MOST);
  }

  /** Stops it. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  #schedule(ms: number): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#try().then((soon) => this.#schedule(soon ? AGAIN : EVERY)), ms);
  }

  /** Whether the next trial decides. */
  async #try(): Promise<boolean> {
    const { above, up, measure = tryLine } = this.#options;
    const before = this.#before;
    this.#before = null;
    const tried = performance.now() < this.#notBefore ? null : above();
    if (!tried) return false;
    const speed = await measure(tried.segments, this.#closing.signal);
    // What is loaded may have changed meanwhile.
    const now = above();
    if (speed === null || !now) return false;
    const sure = Math.min(speed, before ?? speed);
    const carried = now.better.find(({ bitrate }) => bitrate * SPARE <= sure);
    if (!carried) return false;
    if (before === null) {
      this.#before = speed;
      return true;
    }
    this.#wentUpAt = performance.now();
    up(carried.id, sure);
    return false;
  }
}
