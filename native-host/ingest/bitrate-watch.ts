// Watches the bitrate of what the browser's encoder delivers, and says when an encoder of the host must take over and
// when it may give back. Times and bytes are given to it.

/** Whose encoder makes the video that viewers get. */
export type EncodingSide = "browser" | "host";

/** What is to be done about the side that encodes. */
export type BitrateVerdict = "keep" | "take_over" | "give_back";

/** What a {@link BitrateWatch} needs. */
export interface BitrateWatchOptions {
  /** Cap of the video, bit/s; `null`: no cap, and nothing ever to do. */
  readonly cap: number | null;
  /** ms */
  readonly keyframe_interval: number;
  /** bit/s that arrive beside the video in the same bytes: audio. */
  readonly other_bitrate: number;
  /**
   * ms at the beginning that count as one chunk: an encoder spends most on its first frames, and has been judged by them already where the
   * opening was. Left out: none.
   */
  readonly settling?: number;
}

// The figures are from real streams (docs/decisions/encoders.md): text that scrolls at 1.5 Mbit/s stays at 0.87 of its
// cap with keyframes of 0.57 s worth; playing video sits at 1.6 to 3 times the cap, full-screen noise at 35 to 70.
/** Rate over one keyframe interval, in caps, that is too much… */
const TOO_MUCH = 1.05;
/** …when it lasts that long, ms, unless it is that much, in caps… */
const LASTS = 300;
const FAR_TOO_MUCH = 1.5;
/** …and isn't made by the two largest chunks alone (a keyframe, a page that changes): the rest has that much, in caps. */
const REST = 0.5;
/** Intervals over which the rate must hold however it is made up: keyframes that are too large are too much as well. */
const LONG_INTERVALS = 3;
/** Rate over them, in caps, that is too much: what comes until the host encodes falls into the same four seconds. */
const LONG_TOO_MUCH = 1;
/** s of the cap in half a second that no page change makes: noise is seen in its first chunks. */
const BURST = 3;
const BURST_WINDOW = 500;
/** Below that, in caps, content counts as calm. */
const CALM = 0.85;
/** On a still page there is a keyframe an interval and next to nothing between them, in caps… */
const STILL_REST = 0.1;
/** …and the browser's encoder finds for them the quantizer with which they just fit: that much each, in caps of an interval, is the cap… */
const STILL_LIMIT = 1;
/** …but the very first one is larger by a fifth. */
const STILL_OPENING_LIMIT = 1.25;
/** Intervals that are looked at for that: half a one more than the four seconds over which a cap is held, for arrivals that waver. */
const STILL_INTERVALS = 4.5;
/** Rate over these, in caps, that is too much: five keyframes and one change of the page are not. */
const STILL_RATE = 1.27;
/** ms within which bytes belong to one frame: FFmpeg's pipe gives a keyframe in pieces of 64 KiB. */
const ONE_FRAME = 10;
/** ms of calm before giving back; doubles with each relapse that comes within {@link RELAPSE}, up to the last. */
const CALM_FOR = 5_000;
const CALM_FOR_MOST = 80_000;
const RELAPSE = 60_000;
/** ms within which the opening of a stream is judged, before any of it is given to an FFmpeg. */
export const OPENING_LEAST = 500;
const OPENING_MOST = 800; // before the second keyframe
/** Expected rate of the opening, in caps, above which the host encodes from the start; clearly so: decided early. */
const OPENING_LIMIT = 0.95;
const OPENING_MARGIN = 0.15;
/** ms after which an opening can be known to be calm, and the expected rate, in caps, up to which it is: what begins to move later is
 * taken over then. The start returns half a second sooner. */
const CALM_OPENING = { after: 100, most: 0.75 } as const;
/** Chunks that are kept: ten seconds of slices of 20 ms. */
const MAX_CHUNKS = 512;

interface Chunk {
  readonly at: number;
  bits: number;
}

/** Watches one stream. All times in ms of one clock that never goes back. */
export class BitrateWatch {
  readonly #options: BitrateWatchOptions;
  #chunks: Chunk[] = [];
  #side: EncodingSide = "browser";
  /** When the first bytes came. */
  #first: number | null = null;
  #tooMuchSince: number | null = null;
  #hotAt = Number.NEGATIVE_INFINITY;
  #gaveBackAt = Number.NEGATIVE_INFINITY;
  #calmFor = CALM_FOR;

  constructor(options: BitrateWatchOptions) {
    this.#options = options;
  }

  /** Who encodes now. */
  get side(): EncodingSide {
    return this.#side;
  }

  /** What came from the browser over the last keyframe interval (a second at least), in caps; 0 without a cap. */
  get overshoot(): number {
    const at = this.#chunks.at(-1)?.at;
    return at === undefined ? 0 : this.#rate(at, this.#interval);
  }

  /** Tells of bytes that have arrived; gives what is to be done, again with each chunk until {@link switched}. */
  add(at: number, bytes: number): BitrateVerdict {
    const { cap, other_bitrate } = this.#options;
    if (cap === null) return "keep";
    const since = at - (this.#chunks.at(-1)?.at ?? at);
    const bits = Math.max(0, bytes * 8 - (other_bitrate * since) / 1000);
    this.#first ??= at;
    const newest = this.#chunks.at(-1);
    const settles = at - this.#first < (this.#options.settling ?? 0);
    if (newest && (settles || at - newest.at < ONE_FRAME)) newest.bits += bits;
    else this.#chunks.push({ at, bits });
    const oldest = at - STILL_INTERVALS * this.#interval;
    while (this.#chunks.length > MAX_CHUNKS || (this.#chunks[0] as Chunk).at <= oldest) this.#chunks.shift();
    const still = this.#still(at);
    if (still === null ? this.#rate(at, this.#interval) >= CALM : still > STILL_LIMIT) this.#hotAt = at;
    return this.#side === "browser" ? this.#watchBrowser(at, still) : this.#watchHost(at);
  }

  /** Tells that the side has changed. A fresh recorder starts with a keyframe: the past no longer counts. */
  switched(side: EncodingSide, at: number): void {
    if (side === this.#side) return;
    this.#side = side;
    this.#chunks = [];
    this.#tooMuchSince = null;
    this.#hotAt = at;
    if (side === "browser") this.#gaveBackAt = at;
    else if (at - this.#gaveBackAt < RELAPSE) this.#calmFor = Math.min(this.#calmFor * 2, CALM_FOR_MOST);
    else this.#calmFor = CALM_FOR;
  }

  /**
   * Judges the opening of a stream, held back from FFmpeg meanwhile: who should encode from its first frame;
   * `null`: not known yet. Known after 100 ms where it is calm, after 800 ms at the latest.
   */
  opening(now: number): EncodingSide | null {
    const { cap } = this.#options;
    if (cap === null) return "browser";
    if (this.#first === null) return null;
    const passed = now - this.#first;
    const bits = this.#bits(now, this.#interval * LONG_INTERVALS);
    if (bits / cap > BURST) return "host";
    if (passed < CALM_OPENING.after) return null;
    // The largest chunk has the keyframe, which comes once in an interval; the rest goes on as it began. It is not always
    // the first: that may be the container's header alone.
    const keyframe = Math.max(...this.#chunks.map((chunk) => chunk.bits));
    const rest = ((bits - keyframe) / passed) * this.#interval;
    const expected = (keyframe + rest) / ((cap * this.#interval) / 1000);
    const limit = rest / ((cap * this.#interval) / 1000) < STILL_REST ? STILL_OPENING_LIMIT : OPENING_LIMIT;
    if (passed < OPENING_LEAST) return expected <= CALM_OPENING.most ? "browser" : null;
    if (passed < OPENING_MOST && Math.abs(expected - limit) < OPENING_MARGIN) return null;
    return expected > limit ? "host" : "browser";
  }

  #watchBrowser(at: number, still: number | null): BitrateVerdict {
    if (this.#bits(at, BURST_WINDOW) / this.#cap > BURST) return "take_over";
    if (still !== null) return still > STILL_LIMIT ? "take_over" : "keep";
    const seen = at - (this.#first ?? at);
    if (seen >= LONG_INTERVALS * this.#interval && this.#rate(at, LONG_INTERVALS * this.#interval) > LONG_TOO_MUCH)
      return "take_over";
    const rate = this.#rate(at, this.#interval);
    const tooMuch = rate > TOO_MUCH && this.#restRate(at) > REST;
    this.#tooMuchSince = tooMuch ? (this.#tooMuchSince ?? at) : null;
    if (this.#tooMuchSince === null) return "keep";
    return rate > FAR_TOO_MUCH || at - this.#tooMuchSince >= LASTS ? "take_over" : "keep";
  }

  #watchHost(at: number): BitrateVerdict {
    return at - this.#hotAt >= this.#calmFor ? "give_back" : "keep";
  }

  /** ms: a window with one keyframe in it, whatever its place. */
  get #interval(): number {
    return Math.max(1_000, this.#options.keyframe_interval);
  }

  get #cap(): number {
    return this.#options.cap ?? Number.POSITIVE_INFINITY;
  }

  #bits(at: number, window: number): number {
    return this.#chunks.reduce((sum, chunk) => (chunk.at > at - window ? sum + chunk.bits : sum), 0);
  }

  #rate(at: number, window: number): number {
    return this.#bits(at, window) / ((this.#cap * window) / 1000);
  }

  /**
   * How much of the cap the keyframes of a page that stands still take, one each interval; `null`: something moves. One may be larger:
   * it is the first, or the page has changed.
   */
  #still(at: number): number | null {
    const window = STILL_INTERVALS * this.#interval;
    const keyframes = this.#largest(Math.ceil(STILL_INTERVALS) + 1);
    const seen = Math.max(this.#interval, Math.min(window, at - (this.#chunks[0]?.at ?? at)));
    const rest = this.#chunks.reduce((sum, { bits }) => sum + bits, 0) - keyframes.reduce((sum, bits) => sum + bits, 0);
    if (rest / ((this.#cap * seen) / 1000) >= STILL_REST) return null;
    const second = ((keyframes[1] ?? 0) * 1000) / (this.#cap * this.#interval);
    return Math.max(second, this.#rate(at, window) / STILL_RATE);
  }

  /** Bits of the largest chunks, so many at most, the largest first. Asked at each frame: sorting all of them took a tenth of the host. */
  #largest(count: number): number[] {
    const largest: number[] = [];
    for (const { bits } of this.#chunks) {
      const least = largest[count - 1];
      if (least !== undefined && bits <= least) continue;
      const place = largest.findIndex((each) => each < bits);
      largest.splice(place < 0 ? largest.length : place, 0, bits);
      if (largest.length > count) largest.pop();
    }
    return largest;
  }

  #restRate(at: number): number {
    const recent = this.#chunks.filter((chunk) => chunk.at > at - this.#interval).map((chunk) => chunk.bits);
    const rest = recent.sort((a, b) => b - a).slice(2);
    return rest.reduce((sum, bits) => sum + bits, 0) / ((this.#cap * this.#interval) / 1000);
  }
}
