// Cuts captured sound into packets of one length, each with the time of its capture. The count of samples is the clock, which follows
// the times that come with the sound; what is missing is filled, since an encoder only counts.

/** ms of sound in a packet. */
export const PACKET = 20;
/** ms by which the sound's time may differ from the count of its samples: more, and samples are missing, or too many. */
const JITTER = 30;
/** ms of missing sound that are filled with silence; more is a new beginning. */
const FILLED = 1_000;
/** Share of the difference that is taken up with each buffer: clocks differ, and times are coarse. */
const FOLLOW = 0.02;

/** A packet. */
export interface SoundPacket {
  /** When its first sample was captured, ms. */
  readonly at: number;
  /** All of one channel, then all of the next one. Good until the call returns. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** Nothing but zeros. */
  readonly silent: boolean;
}

/** A loop: with a call for each sample it takes eight times as long. */
function isSilent(samples: Float32Array): boolean {
  for (let index = 0; index < samples.length; index++) if (samples[index] !== 0) return false;
  return true;
}

/** Cuts the sound of one track with one rate and number of channels. */
export class SoundPackets {
  readonly #rate: number;
  readonly #samples: Float32Array<ArrayBuffer>;
  /** Samples of a channel in a packet. */
  readonly #length: number;
  readonly #onPacket: (packet: SoundPacket) => void;
  #filled = 0;
  #silent = true;
  /** When the next sample was captured, by the count. */
  #next: number | null = null;

  /** `rate`: Hz. */
  constructor(rate: number, channels: number, onPacket: (packet: SoundPacket) => void) {
    this.#rate = rate;
    this.#length = (rate * PACKET) / 1000;
    this.#samples = new Float32Array(this.#length * channels);
    this.#onPacket = onPacket;
  }

  /** Takes `count` samples of each channel that were captured from `at` on, ms; `null`: silence. */
  add(at: number, planes: readonly Float32Array[] | null, count: number): void {
    const expected = this.#next ?? at;
    const missing = at - expected;
    if (Math.abs(missing) > FILLED) {
      this.#filled = 0;
      this.#silent = true;
      this.#next = at;
    } else if (missing > JITTER) {
      this.#next = expected;
      this.#fill(null, Math.round((missing / 1000) * this.#rate));
    } else if (missing < -JITTER) return;
    else this.#next = expected + missing * FOLLOW;
    this.#fill(planes, count);
  }

  #fill(planes: readonly Float32Array[] | null, count: number): void {
    const channels = this.#samples.length / this.#length;
    for (let from = 0; from < count; ) {
      const some = Math.min(this.#length - this.#filled, count - from);
      for (let channel = 0; channel < channels; channel++) {
        const at = channel * this.#length + this.#filled;
        const piece = planes?.[channel]?.subarray(from, from + some);
        if (piece) this.#samples.set(piece, at);
        else this.#samples.fill(0, at, at + some);
        this.#silent &&= piece === undefined || isSilent(piece);
      }
      from += some;
      this.#filled += some;
      this.#next = (this.#next ?? 0) + (some / this.#rate) * 1000;
      if (this.#filled === this.#length) this.#give(this.#next - PACKET);
    }
  }

  #give(at: number): void {
    const silent = this.#silent;
    this.#filled = 0;
    this.#silent = true;
    this.#onPacket({ at, samples: this.#samples, silent });
  }
}
