// The bitrate of the media that an engine loads, measured over the last seconds.

/** ms over which it is measured. */
const WINDOW = 4_000;

/** A segment or part that was loaded. */
interface LoadedMedia {
  readonly rendition: string;
  readonly seconds: number;
  readonly bits: number;
  readonly at: number;
}

/** The bitrate of one engine. */
export class BitrateEstimator {
  #loaded: LoadedMedia[] = [];

  /** Counts a segment or part of `seconds`. */
  add(rendition: string, seconds: number, bytes: number): void {
    this.#loaded.push({ rendition, seconds, bits: bytes * 8, at: performance.now() });
    this.#dropOld();
  }

  /**
   * bit/s over all renditions; `null`: nothing was loaded lately. Bits are divided by media time, so media that arrive in a
   * burst count no more than those that trickle in.
   */
  get value(): number | null {
    this.#dropOld();
    const renditions = Map.groupBy(this.#loaded, ({ rendition }) => rendition);
    let sum = 0;
    for (const media of renditions.values()) {
      const bits = media.reduce((total, each) => total + each.bits, 0);
      const seconds = media.reduce((total, each) => total + each.seconds, 0);
      if (seconds > 0) sum += bits / seconds;
    }
    return sum > 0 ? sum : null;
  }

  #dropOld(): void {
    const now = performance.now();
    this.#loaded = this.#loaded.filter(({ at }) => now - at < WINDOW);
  }
}
