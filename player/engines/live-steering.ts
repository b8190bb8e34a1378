// Holds the live engine just behind what comes: by small changes of the playback rate, and from far away by a seek.

/** ms over which the least of what was ahead counts: longer than the pauses between two deliveries. */
const WINDOW = 300;
/** s that should always be ahead: at first, and at most. Below a tenth Chrome's sound runs dry, which costs it up to 0.75 s. */
const LEAST_TARGET = 0.12;
/** The same where no sound is heard: a picture that comes late is shown late, and costs nothing else. */
const LEAST_UNHEARD = 0.04;
const MOST_TARGET = 0.6;
/** s more after each time that it wasn't enough; s less after each stretch of ms without. */
const STEP_UP = 0.06;
const STEP_DOWN = 0.01;
const STEADY = 15_000;
/** Limits of the rate. */
const SLOWEST = 0.97;
const FASTEST = 1.1;
/** s off the target at which a correction starts, and at which it stops. */
const START = 0.04;
const STOP = 0.01;
/** s past the target from which it seeks; from less of them while it is new, or has just been interrupted. */
const FAR = 1;
const FAR_AT_FIRST = 0.4;
/** ms for which it counts as new, and between two seeks. */
const NEW = 2_500;
const SEEK_INTERVAL = 1_500;

/** What to do. */
export interface Steering {
  readonly rate: number;
  /** s of media to leave out; 0: none. */
  readonly leap: number;
}

/** The steering of one engine. All `now` are ms of one clock. */
export class LiveSteering {
  #aheads: { readonly at: number; readonly ahead: number }[] = [];
  #least = LEAST_TARGET;
  #target = LEAST_TARGET;
  #rate = 1;
  #since = 0;
  #changedAt = 0;
  #leaptAt = Number.NEGATIVE_INFINITY;

  /** s that should be ahead at any moment. */
  get target(): number {
    return this.#target;
  }

  /** Playback begins, or goes on after something that has nothing to do with how media come. */
  begin(now: number): void {
    this.#aheads = [];
    this.#since = now;
    this.#changedAt = now;
  }

  /** Whether there is sound that is heard. */
  set heard(heard: boolean) {
    const least = heard ? LEAST_TARGET : LEAST_UNHEARD;
    if (least === this.#least) return;
    this.#least = least;
    this.#target = least;
  }

  /** So many s of media are ahead; just before more comes, and now and then. */
  sample(ahead: number, now: number): void {
    this.#aheads.push({ at: now, ahead });
    while (this.#aheads[0] && now - this.#aheads[0].at > WINDOW) this.#aheads.shift();
  }

  /** Media ran out. */
  ranDry(now: number): void {
    if (now - this.#since < NEW) return;
    this.#target = Math.min(MOST_TARGET, this.#target + STEP_UP);
    this.#changedAt = now;
  }

  /** What to do now. */
  next(now: number): Steering {
    if (now - this.#changedAt > STEADY) {
      this.#target = Math.max(this.#least, this.#target - STEP_DOWN);
      this.#changedAt = now;
    }
    if (this.#aheads.length === 0) return { rate: this.#rate, leap: 0 };
    const error = Math.min(...this.#aheads.map(({ ahead }) => ahead)) - this.#target;
    const far = now - this.#since < NEW ? FAR_AT_FIRST : FAR;
    if (error > far && now - this.#leaptAt > SEEK_INTERVAL) {
      this.#leaptAt = now;
      this.#aheads = [];
      this.#rate = 1;
      return { rate: 1, leap: error };
    }
    this.#rate = this.#rateFor(error);
    return { rate: this.#rate, leap: 0 };
  }

  #rateFor(error: number): number {
    const correcting = this.#rate !== 1;
    if (Math.abs(error) < (correcting ? STOP : START)) return 1;
    // One that has crossed the target is complete.
    if (correcting && Math.sign(error) !== Math.sign(this.#rate - 1)) return 1;
    const wanted = 1 + error * 0.4 + Math.sign(error) * 0.01;
    return Math.round(Math.min(FASTEST, Math.max(SLOWEST, wanted)) * 100) / 100;
  }
}
