// The captured video with a size that lasts: while the tab has another size for a moment, as for a screenshot of the whole page,
// the last picture is held. While the tab is private, a neutral picture stands in its place.
import { CaptureTimes, type Curtain } from "./curtain.ts";
import { frameOf, type HeldPicture, heldPicture, neutralPicture } from "./held-picture.ts";

/** ms for which another size counts as passing: most full-page screenshots take less. */
export const PASSING = 1_000;
/** ms where the picture is a sliver, more than {@link SLIVER} times as high as wide: nobody's window is, and the longest pages,
 *  which make it, take longest. */
export const PASSING_SLIVER = 5_000;
export const SLIVER = 2.5;
/** ms without a frame after which a held picture is shown once more: Chrome gives few frames while it paints a long page. */
const REPEAT = 100;
/** What viewers read while the tab is private. The picture has no language of its viewers. */
const PRIVATE = "Private";

/** A size in px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Chrome's own classes, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
}) => { readonly readable: ReadableStream<VideoFrame> };
declare const MediaStreamTrackGenerator: new (init: {
  kind: "video";
}) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };

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

/** Keeps to a frame rate: after the tab's size has changed, Chrome gives more frames than it was asked for. Times in µs. */
export class Pace {
  readonly #period: number;
  #due = Number.NEGATIVE_INFINITY;

  /** `frame_rate`: frames a second at most, over two of them. */
  constructor(frame_rate: number) {
    this.#period = 1_000_000 / frame_rate;
  }

  /** Whether a frame of this time is in time, or one too many. */
  admits(timestamp: number): boolean {
    if (timestamp + this.#period / 2 < this.#due) return false;
    this.#due = Math.max(this.#due, timestamp - this.#period) + this.#period;
    return true;
  }
}

/** The track of a captured tab, steadied. */
export class SteadyVideo {
  /** Give this to recorders and viewers. */
  readonly track: MediaStreamTrack;
  /** Whether the picture before is shown, whatever comes. */
  held = false;
  readonly #gate: SizeGate;
  readonly #pace: Pace;
  readonly #curtain: Curtain;
  readonly #times = new CaptureTimes();
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  /** Shown while a size passes. */
  #last: VideoFrame | null = null;
  #picture: HeldPicture | null = null;
  /** The neutral picture, in the size that counts. */
  #neutral: HeldPicture | null = null;
  /** When it was shown last: µs of the track, and ms of this document. */
  #shown = Number.NEGATIVE_INFINITY;
  #given = 0;
  #repeating: ReturnType<typeof setInterval> | null = null;

  /** `settling` as of {@link SizeGate}. */
  constructor(source: MediaStreamTrack, frame_rate: number, curtain: Curtain, settling = 0) {
    this.#gate = new SizeGate(settling);
    this.#pace = new Pace(frame_rate);
    this.#curtain = curtain;
    const generator = new MediaStreamTrackGenerator({ kind: "video" });
    this.track = generator;
    this.#writer = generator.writable.getWriter();
    this.#reader = new MediaStreamTrackProcessor({ track: source }).readable.getReader();
    void this.#pass();
  }

  /** The size that counts, px; `null` before the first frame. */
  get size(): Size | null {
    return this.#gate.size;
  }

  /** Resolves once the source or this side has ended; never rejects. */
  async #pass(): Promise<void> {
    try {
      for (;;) {
        const { value: frame, done } = await this.#reader.read();
        if (done) break;
        const now = performance.now();
        const lasts = this.#gate.admits({ width: frame.displayWidth, height: frame.displayHeight }, now);
        if (!this.#curtain.admits(this.#times.at(frame.timestamp, now))) {
          await this.#hide(frame);
        } else if (lasts && !this.held) {
          if (this.#pace.admits(frame.timestamp)) await this.#give(frame);
          else frame.close();
        } else {
          await this.#hold(frame);
        }
      }
    } catch {
      // The track was stopped while a frame was on its way.
    }
    this.close();
  }

  async #give(frame: VideoFrame): Promise<void> {
    this.#endHold();
    this.#last?.close();
    this.#last = frame.clone();
    await this.#writer.write(frame);
  }

  /** Shows the neutral picture at the time of `frame`. */
  async #hide(frame: VideoFrame): Promise<void> {
    const { timestamp } = frame;
    frame.close();
    this.#endHold();
    this.#last?.close();
    this.#last = null;
    const { size } = this.#gate;
    if (!size || !this.#pace.admits(timestamp)) return;
    const { codedWidth, codedHeight } = this.#neutral?.layout ?? {};
    if (!this.#neutral || codedWidth !== size.width || codedHeight !== size.height)
      this.#neutral = neutralPicture(PRIVATE, size.width, size.height);
    await this.#writer.write(frameOf(this.#neutral, timestamp));
  }

  /** Shows the picture before `frame` once more, at its time, and again while no other comes. */
  async #hold(frame: VideoFrame): Promise<void> {
    const { timestamp } = frame;
    frame.close();
    if (!this.#last) return;
    this.#picture ??= await heldPicture(this.#last);
    await this.#repeat(timestamp);
    this.#repeating ??= setInterval(() => {
      const silence = performance.now() - this.#given;
      if (silence >= REPEAT) void this.#repeat(this.#shown + silence * 1000).catch(() => {});
    }, REPEAT);
  }

  /** `timestamp`: µs of the track. */
  async #repeat(timestamp: number): Promise<void> {
    const held = this.#picture;
    if (!held || timestamp <= this.#shown) return;
    [this.#shown, this.#given] = [timestamp, performance.now()];
    await this.#writer.write(frameOf(held, timestamp));
  }

  #endHold(): void {
    if (this.#repeating) clearInterval(this.#repeating);
    this.#repeating = null;
    this.#picture = null;
  }

  /** Ends it; the source is its owner's. Idempotent. */
  close(): void {
    this.track.stop();
    this.#endHold();
    this.#last?.close();
    this.#last = null;
    void this.#reader.cancel().catch(() => {});
    void this.#writer.close().catch(() => {});
  }
}
