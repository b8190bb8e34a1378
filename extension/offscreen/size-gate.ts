// Whether the size of a captured picture has lasted: while a screenshot of a whole page is taken, a tab has another one for a moment.

/** ms for which another size counts as passing: most full-page screenshots take less. */
export const PASSING = 1_000;
/** ms where the picture is a sliver, more than {@link SLIVER} times as high as wide: nobody's window is, and the longest pages,
 *  which make it, take longest. */
export const PASSING_SLIVER = 5_000;
export const SLIVER = 2.5;
/** A size in px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Tells of each frame whether its size has lasted. Time in ms of any one clock. */
export class SizeGate {
  #size: Size | null = null;
  #other: (Size & { readonly since: number }) | null = null;
  readonly #settling: number;
  #born: number | null = null;

  /** `settling`: ms from the first frame on in which every other size counts at once, as of a tab that was just opened. */
  constructor(settling = 0) {
    this.#settling = settling;
  }

  /** The size that counts; `null` before the first frame. */
  get size(): Size | null {
    return this.#size;
  }

  /** Whether a frame of this size is to be shown; `false`: the picture before it is held. */
  admits({ width, height }: Size, now: number): boolean {
    const same = (size: Size | null): boolean => size?.width === width && size.height === height;
    if (same(this.#size)) {
      this.#other = null;
      return true;
    }
    if (!same(this.#other)) this.#other = { width, height, since: now };
    this.#born ??= now;
    const lasting = height > SLIVER * width ? PASSING_SLIVER : PASSING;
    const passing = now - this.#born < this.#settling ? 0 : lasting;
    if (this.#size !== null && now - (this.#other?.since ?? now) < passing) return false;
    this.#size = { width, height };
    this.#other = null;
    return true;
  }
}
