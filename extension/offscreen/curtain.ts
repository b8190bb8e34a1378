// What hides a captured tab from everybody while it is private: before it, in the offscreen document, no picture and no sound of it
// reaches an encoder or a viewer.

/**
 * ms after the end of private time in which what was captured is not shown yet. A frame's time of capture is known to about 100 ms,
 * and sound is on its way for less than that.
 */
export const MARGIN = 300;
/** ms that {@link Curtain.lift} waits for a frame that may be shown. */
const LIFT_TIMEOUT = 2_000;

/** The curtain of one stream; it outlives the captures behind it. */
export class Curtain {
  /** Of what was captured before this, nothing is shown; by `performance.now()`. `Infinity`: it is drawn. */
  #shownFrom = Number.NEGATIVE_INFINITY;
  #open = true;
  /** The tab's user has muted it, and viewers are to hear nothing either. */
  #muted = false;
  #sounds: MediaStreamTrack[] = [];
  #onOpen: (() => void)[] = [];

  /** Hides everything from now on. What was captured before is not private, and may still be on its way. */
  draw(): void {
    this.#shownFrom = Number.POSITIVE_INFINITY;
    this.#set(false);
  }

  /** Shows again what is captured from now on; resolves when it is seen, after 2 s in any case, or when it is drawn again. */
  lift(): Promise<void> {
    if (this.#open) return Promise.resolve();
    this.#shownFrom = performance.now() + MARGIN;
    return new Promise((resolve) => {
      setTimeout(resolve, LIFT_TIMEOUT);
      this.#onOpen.push(resolve);
    });
  }

  /** Whether a frame may be shown that was captured at `time`, by `performance.now()`. The first that may lets the sound through too. */
  admits(time: number): boolean {
    if (time < this.#shownFrom) return false;
    if (!this.#open) this.#set(true);
    return true;
  }

  /** Whether what is captured at `time` may be shown; of a frame that is there, {@link admits} is asked. */
  wouldAdmit(time: number): boolean {
    return time >= this.#shownFrom;
  }

  /** Silences a track for all who have it, while the curtain is drawn: a disabled track goes on, in time, with silence. */
  guard(track: MediaStreamTrack): void {
    this.#sounds = [...this.#sounds.filter(({ readyState }) => readyState === "live"), track];
    track.enabled = this.#open && !this.#muted;
  }

  /** Silences its tracks, or takes that back, whether it is drawn or not. */
  mute(muted: boolean): void {
    this.#muted = muted;
    this.#sound();
  }

  #sound(): void {
    for (const track of this.#sounds) track.enabled = this.#open && !this.#muted;
  }

  #set(open: boolean): void {
    this.#open = open;
    this.#sound();
    for (const resolve of this.#onOpen.splice(0)) resolve();
  }
}
