// Measures what is shown: new pictures, frames a second, dropped frames. Reads the video element, never changes it.

/** What one look at the video element gave. */
export interface Measurement {
  /** Whether a new picture was shown since the look before. */
  readonly advanced: boolean;
  /** Frames shown a second over the last seconds; `null`: not measured yet. */
  readonly frame_rate: number | null;
  /** Frames dropped since the page was opened; `null` where the browser doesn't say. */
  readonly dropped_frames: number | null;
  /** Seconds that lie ready after the playing position. */
  readonly buffered: number;
}

/** ms over which frames are counted. */
const WINDOW = 3_000;

/** Looks at one video element, several times a second. */
export class Meter {
  readonly #video: HTMLVideoElement;
  #counts: { at: number; shown: number }[] = [];
  #frames = -1;
  #time = -1;
  #dropped = 0;
  #droppedBefore = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Looks; `now` in ms, `hidden` when the browser may skip pictures because nobody can see them. */
  look(now: number, hidden: boolean): Measurement {
    const video = this.#video;
    const quality = video.getVideoPlaybackQuality?.();
    const moved = video.currentTime !== this.#time;
    const frames = quality?.totalVideoFrames ?? 0;
    const advanced = moved && (hidden || !quality || frames !== this.#frames);
    // A new engine begins its counts at zero.
    if (frames < this.#frames) {
      this.#counts = [];
      this.#droppedBefore += this.#dropped;
    }
    this.#dropped = quality?.droppedVideoFrames ?? 0;
    this.#frames = frames;
    this.#time = video.currentTime;
    return {
      advanced,
      frame_rate: quality && !hidden ? this.#frameRate(now, frames - this.#dropped) : null,
      dropped_frames: quality ? this.#droppedBefore + this.#dropped : null,
      buffered: bufferedAhead(video),
    };
  }

  #frameRate(now: number, shown: number): number | null {
    this.#counts = [...this.#counts.filter(({ at }) => now - at <= WINDOW), { at: now, shown }];
    const first = this.#counts[0];
    if (!first || now - first.at < 1_000) return null;
    return (shown - first.shown) / ((now - first.at) / 1000);
  }
}

/** Seconds that lie ready after the playing position. */
function bufferedAhead(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) > currentTime) return buffered.end(i) - currentTime;
  }
  return 0;
}
