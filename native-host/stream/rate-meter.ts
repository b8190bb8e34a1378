// Rates of a stream over its last seconds and since its start, from totals that are given to it. What can't be known yet is null.

/** ms of the past that "now" covers: short enough to show a stall within 3 s. */
const WINDOW = 3_000;
/** ms. Fragments come about that often: within it a rate counts to the last one, or it would saw up and down. */
const FRAGMENT = 500;

interface Sample {
  readonly at: number;
  readonly frames: number;
  readonly bytes: number;
}

/** Measures one stream. All times in ms of one clock. */
export class RateMeter {
  #samples: Sample[] = [];
  #first: Sample | null = null;
  #lastFrame: number | null = null;

  /** Totals as they stand; call it at each arrival. Repeated totals count as no arrival. */
  sample(at: number, frames: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last ? last.frames === frames && last.bytes === bytes : bytes === 0) return;
    if (frames !== (last?.frames ?? 0)) this.#lastFrame = at;
    const sample = { at, frames, bytes };
    this.#first ??= sample;
    this.#samples.push(sample);
    while (this.#samples.length > 2 && at - (this.#samples[1] as Sample).at > WINDOW) this.#samples.shift();
  }

  /** When the last media arrived; `null`: none so far. */
  get last_arrival(): number | null {
    return this.#samples.at(-1)?.at ?? null;
  }

  /** When the last video arrived; `null`: none so far. */
  get last_frame(): number | null {
    return this.#lastFrame;
  }

  /** Frames a second over the last seconds. */
  fps(now: number): number | null {
    return this.#rate(now, (sample) => sample.frames);
  }

  /** bit/s over the last seconds. */
  bitrate(now: number): number | null {
    const bytes = this.#rate(now, (sample) => sample.bytes);
    return bytes === null ? null : Math.round(bytes * 8);
  }

  /** bit/s since the first media. */
  average_bitrate(now: number): number | null {
    const last = this.#samples.at(-1);
    const first = this.#first;
    if (!last || !first || now - first.at < 1_000) return null;
    return Math.round(((last.bytes - first.bytes) * 8_000) / (now - first.at));
  }

  #rate(now: number, total: (sample: Sample) => number): number | null {
    const last = this.#samples.at(-1);
    const from = this.#samples.find((sample) => now - sample.at <= WINDOW + FRAGMENT);
    if (!last) return null;
    if (!from) return 0; // there was media, but none in the window
    const until = now - last.at <= FRAGMENT ? last.at : now;
    if (until - from.at < 1_000) return null;
    return Math.round(((total(last) - total(from)) * 10_000) / (until - from.at)) / 10;
  }
}
