// The MPD and the segments of one stream for DASH as answers; the segment being made goes out as it grows.
// Never knows who asks.
import { DashManifest } from "../packager/dash-manifest.ts";
import { MANIFEST, parseTimedSegment, type TimedSegment } from "../packager/dash-names.ts";
import { findJoined } from "../packager/dash-plain.ts";
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

/** FFmpeg's HTTP client, by itself and in mpv, and VLC: see dash-plain.ts. */
const PLAIN_CLIENTS = /^(?:Lavf\/|libmpv|VLC\/)/;

const HEADERS = { "Content-Type": "application/dash+xml", Vary: "User-Agent", ...NO_STORE, ...CORS };

/** The DASH side of one stream. */
export class DashView {
  readonly #packager: Packager;
  readonly #manifest: DashManifest;
  readonly #waits: Waits;
  readonly #rendered = new Map<boolean, { version: number; answer: Answer }>();

  constructor(packager: Packager) {
    this.#packager = packager;
    this.#manifest = new DashManifest(packager);
    this.#waits = new Waits((listener) => packager.onChange(listener));
  }

  /**
   * The answer for a file name; `null` when the name is none of DASH (init segments are HLS's). `user_agent`: what the
   * client says it is.
   */
  answer(name: string, user_agent: string): Promise<Answer> | Answer | null {
    if (name === MANIFEST) return this.#mpd(PLAIN_CLIENTS.test(user_agent));
    const asked = parseTimedSegment(name);
    if (!asked) return null;
    return asked.plain ? this.#plainSegment(asked) : this.#segment(asked);
  }

  async #mpd(plain: boolean): Promise<Answer> {
    const ready = () => (this.#packager.playable && this.#render(plain) !== null) || this.#packager.ended;
    await this.#waits.until(`playable ${plain}`, ready, PLAYABLE_TIMEOUT);
    return (ready() ? this.#render(plain) : null) ?? TOO_EARLY;
  }

  #render(plain: boolean): Answer | null {
    const { version } = this.#packager;
    const known = this.#rendered.get(plain);
    if (known?.version === version) return known.answer;
    const text = this.#manifest.render(plain);
    if (text === null) return null;
    const answer = { status: 200, headers: HEADERS, body: [Buffer.from(text)] };
    this.#rendered.set(plain, { version, answer });
    return answer;
  }

  /**
   * A client at the end of its timeline asks for what it reckons comes next. It is told so when that is there: FFmpeg
   * then reads the MPD again and asks once more; given the bytes now, it would ask for them again all the same.
   */
  async #plainSegment({ kind, run, time }: TimedSegment): Promise<Answer> {
    const find = () => {
      const rendition = this.#packager[kind];
      return rendition ? findJoined(this.#packager, rendition, run, time) : null;
    };
    const found = find();
    if (found) return { status: 200, headers: MEDIA[kind], body: found.parts.map(({ data }) => data) };
    const over = () => this.#packager.open_run?.run !== run;
    await this.#waits.until(`plain ${kind} ${run} ${time}`, () => find() !== null || over(), this.#timeout);
    return NOT_FOUND;
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
