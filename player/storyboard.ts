// Small pictures of what this viewer has seen, shown over the timeline where the pointer is.

/** A frame, scaled down. */
interface Thumbnail {
  /** When it was captured, ms since 1970. */
  readonly date: number;
  readonly canvas: HTMLCanvasElement;
}

/** ms of the stream between two of them. */
const INTERVAL = 3_000;
/** px */
const WIDTH = 160;
/** As many as are kept: ten minutes. */
const LIMIT = 200;

/** Takes thumbnails of one video element. */
export class Storyboard {
  readonly #video: HTMLVideoElement;
  /** By the interval that they stand for. */
  readonly #thumbnails = new Map<number, Thumbnail>();

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Takes one of the frame that is shown, captured at `date` (ms since 1970), unless there is one for its time. */
  sample(date: number): void {
    const slot = Math.floor(date / INTERVAL);
    const { videoWidth, videoHeight } = this.#video;
    if (this.#thumbnails.has(slot) || videoWidth === 0) return;
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = Math.max(1, Math.round((WIDTH * videoHeight) / videoWidth));
    canvas.getContext("2d")?.drawImage(this.#video, 0, 0, canvas.width, canvas.height);
    this.#thumbnails.set(slot, { date, canvas });
    const [oldest] = this.#thumbnails.keys();
    if (this.#thumbnails.size > LIMIT && oldest !== undefined) this.#thumbnails.delete(oldest);
  }

  /** The one of `date`, or of the interval before; `null`: this viewer hasn't seen that. */
  at(date: number): HTMLCanvasElement | null {
    const slot = Math.floor(date / INTERVAL);
    const own = this.#thumbnails.get(slot);
    // A frame shows what was there until the next one, not what came before it.
    const thumbnail = own && own.date <= date ? own : (this.#thumbnails.get(slot - 1) ?? own);
    return thumbnail?.canvas ?? null;
  }
}
