// The captured video with a size that lasts: while the tab has another size for a moment, as for a screenshot of the whole page,
// the last picture is held. While the tab is private, a neutral picture stands in its place; else there may be a notice over it.
import { CaptureTimes } from "./capture-times.ts";
import type { Curtain } from "./curtain.ts";
import { frameOf, type HeldPicture, heldPicture, neutralPicture } from "./held-picture.ts";
import type { Notice } from "./notice.ts";
import { type Cuttable, Padding } from "./padding.ts";
import { Repeats } from "./repeats.ts";
import { type Size, SizeGate } from "./size-gate.ts";

/** ms without a frame after which Chrome is asked for one, and after which its capture counts as dead: no picture is shown any more. */
const ASK_AFTER = 1_000;
const DEAD_AFTER = 2_500;
/** ms that Chrome may take for a frame that it was asked for. */
const ANSWERED_WITHIN = 1_000;
/** What viewers read while the tab is private. The picture has no language of its viewers. */
const PRIVATE = "Private";

/** Chrome's own classes, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
}) => { readonly readable: ReadableStream<VideoFrame> };
declare const MediaStreamTrackGenerator: new (init: {
  kind: "video";
}) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };

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

/** How a track is steadied. */
export interface SteadyVideoOptions {
  readonly frame_rate: number;
  readonly curtain: Curtain;
  readonly notice: Notice;
  /** Where black may be cut off that Chrome has filled up with. */
  readonly cuttable: Cuttable;
  /** As of {@link SizeGate}. */
  readonly settling?: number;
}

/** The track of a captured tab, steadied. Frames come when the page changes, and else as often as {@link Repeats} says. */
export class SteadyVideo {
  /** Give this to recorders and viewers. */
  readonly track: MediaStreamTrack;
  /** Whether the picture before is shown, whatever comes. */
  held = false;
  /** Frames that Chrome gave unasked, and frames that were given on. */
  readonly counts = { captured: 0, given: 0 };
  readonly #source: MediaStreamTrack;
  readonly #gate: SizeGate;
  readonly #pace: Pace;
  readonly #curtain: Curtain;
  readonly #notice: Notice;
  readonly #unlisten: () => void;
  readonly #padding: Padding;
  readonly #times = new CaptureTimes();
  readonly #repeats: Repeats;
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  /** The newest frame that was shown; `null`: its picture is `#picture`, or there was none yet. */
  #last: VideoFrame | null = null;
  /** The picture that is shown, once it was shown again. */
  #picture: HeldPicture | null = null;
  /** Came last and isn't shown yet: of a size that passes, or while the picture is held. */
  #waiting: VideoFrame | null = null;
  /** It was asked for, and need not be another picture. */
  #quiet = false;
  /** When the tab first gave a picture that isn't shown yet, by `performance.now()`; `null`: what it shows is what is seen. */
  #unseenSince: number | null = null;
  /** The neutral picture, in the size that counts. */
  #neutral: HeldPicture | null = null;
  /** The tab is, or was until its next frame, private. */
  #hidden = false;
  /** When a frame was given last: µs of the track, and ms of this document. */
  #shown = Number.NEGATIVE_INFINITY;
  #given = 0;
  /** When Chrome gave a frame, and when it was asked for one, by `performance.now()`. */
  #came = 0;
  #asked = Number.NEGATIVE_INFINITY;
  #closed = false;
  #onNext: ((capturedAt: () => number) => void)[] = [];

  constructor(source: MediaStreamTrack, options: SteadyVideoOptions) {
    const { frame_rate, curtain, notice, cuttable, settling = 0 } = options;
    this.#source = source;
    this.#padding = new Padding(cuttable);
    this.#gate = new SizeGate(settling);
    this.#pace = new Pace(frame_rate);
    this.#curtain = curtain;
    this.#notice = notice;
    const again = () => void this.#again().catch(() => !this.#closed && this.#ask(performance.now())); // where its pixels can't be read
    this.#repeats = new Repeats(frame_rate, again);
    this.#unlisten = notice.onChange(again);
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

  /** ms for which the tab has shown something else than what is seen, though nothing of it is hidden. */
  get unseen(): number {
    return this.#unseenSince === null || this.#hidden || this.held ? 0 : performance.now() - this.#unseenSince;
  }

  /** Has Chrome capture a frame now: of a page that stands still from the beginning it may give none by itself. */
  ask(): void {
    refresh(this.#source);
  }

  /** Resolves when the next frame is given: tells when it was captured, by `performance.now()`, the better the later it is asked. */
  nextFrame(): Promise<() => number> {
    return new Promise((resolve) => this.#onNext.push(resolve));
  }

  /** Shows the picture once more soon, for who begins to look at it. */
  showAgain(): void {
    this.#repeats.begin();
  }

  /** Resolves once the source or this side has ended; never rejects. */
  async #pass(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) break;
        const now = performance.now();
        const frame = await this.#padding.without(value, now);
        const answer = now - this.#asked < ANSWERED_WITHIN && this.#asked > this.#came;
        this.#came = now;
        if (!answer) this.counts.captured++;
        const lasts = this.#gate.admits(sizeOf(frame), now);
        if (!this.#curtain.admits(this.#times.at(frame.timestamp, now))) {
          const { timestamp } = frame;
          frame.close();
          await this.#hide(timestamp);
        } else if (lasts && !this.held && answer && !this.#hidden) {
          // Most likely what is shown already: soon enough when that is due again.
          this.#quiet = this.#waiting === null || this.#quiet;
          this.#waiting?.close();
          this.#waiting = frame;
        } else if (lasts && !this.held) {
          if (this.#pace.admits(frame.timestamp)) await this.#give(frame);
          else this.#wait(frame);
        } else this.#wait(frame);
      }
    } catch {
      // The track was stopped while a frame was on its way.
    }
    this.close();
  }

  /** Shows a frame that has just come. */
  async #give(frame: VideoFrame): Promise<void> {
    this.#forget();
    this.#hidden = false;
    this.#last = frame.clone();
    this.#repeats.came();
    await this.#write(this.#notice.isShown ? await this.#noticed(frame) : frame);
  }

  /** The frame with the notice over it, in its place. */
  async #noticed(frame: VideoFrame): Promise<VideoFrame> {
    try {
      const picture = await heldPicture(frame);
      const { timestamp } = frame;
      frame.close();
      return frameOf(this.#notice.over(picture), timestamp);
    } catch {
      return frame; // its pixels can't be read
    }
  }

  /** A frame that may be shown, but not now. */
  #wait(frame: VideoFrame): void {
    this.#waiting?.close();
    this.#waiting = frame;
    this.#quiet = false;
    this.#unseenSince ??= performance.now();
    if (this.#shown === Number.NEGATIVE_INFINITY || this.#hidden) return;
    this.#repeats.came();
  }

  /** The neutral picture is shown from now on; at once, if it isn't yet. */
  async #hide(timestamp: number): Promise<void> {
    if (!this.#hidden) this.#forget();
    if (this.#hidden || !this.#gate.size) return;
    this.#hidden = true;
    this.#repeats.came();
    await this.#showNeutral(timestamp);
  }

  /** No frame came: shows a picture once more. */
  async #again(): Promise<void> {
    if (this.#shown === Number.NEGATIVE_INFINITY) return;
    const now = performance.now();
    const timestamp = Math.round(this.#shown + (now - this.#given) * 1000);
    if (!this.#curtain.wouldAdmit(now)) {
      if (this.#hidden) await this.#showNeutral(timestamp);
      else await this.#hide(timestamp);
      return;
    }
    const silence = now - this.#came;
    // What is shown while private may be over: Chrome is asked for its picture. Also to know that it would give one.
    if (this.#hidden || silence > ASK_AFTER) this.#ask(now);
    if (silence > DEAD_AFTER) return;
    if (this.#hidden) {
      await this.#showNeutral(timestamp);
      return;
    }
    if (this.#waiting && !this.held && this.#gate.admits(sizeOf(this.#waiting), now)) {
      const frame = this.#waiting;
      this.#waiting = null;
      this.#forget();
      this.#last = frame;
      if (!this.#quiet) this.#repeats.came();
    }
    const last = this.#last;
    if (last) {
      const picture = await heldPicture(last);
      if (last !== this.#last || this.#closed) return; // another one has come meanwhile
      last.close();
      this.#last = null;
      this.#picture = picture;
    }
    if (this.#picture) await this.#write(frameOf(this.#notice.over(this.#picture), timestamp));
  }

  /** A page that stands still gives a frame when it is asked. */
  #ask(now: number): void {
    if (now - this.#asked < (this.#hidden ? 0 : ASK_AFTER / 2)) return;
    this.#asked = now;
    refresh(this.#source);
  }

  async #showNeutral(timestamp: number): Promise<void> {
    const { width, height } = this.#gate.size ?? { width: 0, height: 0 };
    if (width === 0) return;
    const { codedWidth, codedHeight } = this.#neutral?.layout ?? {};
    if (!this.#neutral || codedWidth !== width || codedHeight !== height)
      this.#neutral = neutralPicture(PRIVATE, width, height);
    await this.#write(frameOf(this.#neutral, timestamp));
  }

  /** Gives a frame on; one that was captured before the last one was given comes right behind that. */
  async #write(frame: VideoFrame): Promise<void> {
    let next = frame;
    if (frame.timestamp <= this.#shown) {
      next = new VideoFrame(frame, { timestamp: this.#shown + 1_000 });
      frame.close();
    }
    [this.#shown, this.#given] = [next.timestamp, performance.now()];
    this.counts.given++;
    const [shown, given] = [this.#shown, this.#given];
    for (const resolve of this.#onNext.splice(0)) resolve(() => this.#times.of(shown, given));
    await this.#writer.write(next);
  }

  #forget(): void {
    this.#last?.close();
    this.#waiting?.close();
    this.#last = null;
    this.#picture = null;
    this.#waiting = null;
    this.#unseenSince = null;
  }

  /** Ends it; the source is its owner's. Idempotent. */
  close(): void {
    this.#closed = true;
    this.track.stop();
    this.#repeats.close();
    this.#unlisten();
    this.#forget();
    void this.#reader.cancel().catch(() => {});
    void this.#writer.close().catch(() => {});
  }
}

function sizeOf({ displayWidth, displayHeight }: VideoFrame): Size {
  return { width: displayWidth, height: displayHeight };
}

/** Has Chrome capture a frame of a page that stands still: whoever begins to read a track gets one, and so do all who read it. */
function refresh(source: MediaStreamTrack): void {
  const copy = source.clone();
  const reader = new MediaStreamTrackProcessor({ track: copy }).readable.getReader();
  const end = () => {
    clearTimeout(timer);
    copy.stop();
    void reader.cancel().catch(() => {});
  };
  const timer = setTimeout(end, ANSWERED_WITHIN);
  void reader
    .read()
    .then(
      ({ value }) => value?.close(),
      () => {},
    )
    .finally(end);
}
