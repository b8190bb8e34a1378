// The MPD and the segments of one stream for DASH as answers; the segment being made goes out as it grows.
// Never knows who asks.
import { DashManifest } from "../packager/dash-manifest.ts";
import { MANIFEST, parseTimedSegment, type TimedSegment } from "../packager/dash-names.ts";
import { findSegment } from "../packager/dash-timeline.ts";
import type { Packager } from "../packager/packager.ts";
import type { Segment } from "../packager/segment.ts";
import { type Answer, CORS, MEDIA, NO_STORE, NOT_FOUND, TOO_EARLY } from "./answer.ts";
import { grow } from "./growing.ts";
import { Waits } from "./waits.ts";

/** ms that a first request waits for a stream that has no picture yet. */
const PLAYABLE_TIMEOUT = 5_000;
/** A segment that is asked for a little early, or a part of it, is waited for so many target durations. */
const WAIT_TARGETS = 3;

const HEADERS = { "Content-Type": "application/dash+xml", ...NO_STORE, ...CORS };

/** The DASH side of one stream. */
export class DashView {
  readonly #packager: Packager;
  readonly #manifest: DashManifest;
  readonly #waits: Waits;
  #rendered: { version: number; answer: Answer } | null = null;

  constructor(packager: Packager) {
    this.#packager = packager;
    this.#manifest = new DashManifest(packager);
    this.#waits = new Waits((listener) => packager.onChange(listener));
  }

  /** The answer for a file name; `null` when the name is none of DASH (init segments are HLS's). */
  answer(name: string): Promise<Answer> | Answer | null {
    if (name === MANIFEST) return this.#mpd();
    const asked = parseTimedSegment(name);
    return asked ? this.#segment(asked) : null;
  }

  async #mpd(): Promise<Answer> {
    const ready = () => this.#packager.playable || this.#packager.ended;
    if (!(await this.#waits.until("playable", ready, PLAYABLE_TIMEOUT))) return TOO_EARLY;
    const { version } = this.#packager;
    if (this.#rendered?.version === version) return this.#rendered.answer;
    const text = this.#manifest.render();
    if (text === null) return TOO_EARLY;
    const answer = { status: 200, headers: HEADERS, body: [Buffer.from(text)] };
    this.#rendered = { version, answer };
    return answer;
  }

  /**
   * Players that have reached the end of the timeline reckon when the next segment begins, and ask for it before it
   * does: they get it when it comes.
   */
  async #segment(asked: TimedSegment): Promise<Answer> {
    const { kind, run, time } = asked;
    const find = () => {
      const rendition = this.#packager[kind];
      return rendition ? findSegment(rendition, run, time, this.#packager.segment_duration) : null;
    };
    const found = find();
    if (found !== "later") return found ? this.#answer(asked, found) : NOT_FOUND;
    const over = () => this.#packager.open_run?.run !== run;
    if (over()) return NOT_FOUND;
    await this.#waits.until(`${kind} ${run} ${time}`, () => find() !== "later" || over(), this.#timeout);
    const come = find();
    return come && come !== "later" ? this.#answer(asked, come) : NOT_FOUND;
  }

  /** ms */
  get #timeout(): number {
    return this.#packager.target_duration * WAIT_TARGETS * 1000;
  }

  #answer({ kind }: TimedSegment, segment: Segment): Answer {
    const headers = MEDIA[kind];
    if (segment.complete) return { status: 200, headers, body: segment.parts.map(({ data }) => data) };
    return { status: 200, headers, body: [], rest: grow(kind, segment, this.#waits, this.#timeout) };
  }
}
