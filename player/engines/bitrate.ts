// Measures the bitrate of the media that an engine gets, from the pieces that it loads. Never loads anything.

/** ms over which it is measured. */
const WINDOW = 4_000;

/** A piece of a rendition that came in. */
interface Loaded {
  readonly rendition: string;
  readonly seconds: number;
  readonly bits: number;
  readonly at: number;
}

/** The bitrate of one engine. */
export class BitrateMeter {
  #loaded: Loaded[] = [];

  /** A piece of `seconds` came in. */
  add(rendition: string, seconds: number, bytes: number): void {
    this.#loaded.push({ rendition, seconds, bits: bytes * 8, at: performance.now() });
    this.#forget();
  }

  /**
   * bit/s; `null`: nothing came for a while. The sum over the renditions of their bits by their seconds: what came in
   * a burst counts no more than what trickled.
   */
  get value(): number | null {
    this.#forget();
    const renditions = Map.groupBy(this.#loaded, ({ rendition }) => rendition);
    let sum = 0;
    for (const pieces of renditions.values()) {
      const bits = pieces.reduce((total, piece) => total + piece.bits, 0);
      const seconds = pieces.reduce((total, piece) => total + piece.seconds, 0);
      if (seconds > 0) sum += bits / seconds;
    }
    return sum > 0 ? sum : null;
  }

  #forget(): void {
    const now = performance.now();
    this.#loaded = this.#loaded.filter(({ at }) => now - at < WINDOW);
  }
}
