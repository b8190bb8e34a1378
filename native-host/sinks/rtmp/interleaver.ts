// Brings video and audio, whose fragments come apart, into one order by decode time. Holds back only what the other one could
// still come before, within a bound.

/** Something with a place in time. */
export interface Timed {
  /** ms */
  readonly dts: number;
}

interface Lane<T> {
  readonly waiting: T[];
  /** Everything of this lane up to here has come. */
  seen: number;
}

/** Orders the items of two lanes; each lane comes in order by itself. */
export class Interleaver<T extends Timed> {
  readonly #lanes: { video: Lane<T> | null; audio: Lane<T> | null };
  readonly #maxHold: number;
  readonly #maxItems: number;

  /**
   * @param lanes which lanes there are: one that is missing is not waited for.
   * @param maxHold ms of media that one lane may be ahead before the other is no longer waited for.
   * @param maxItems the same as a count, in case time stands still.
   */
  constructor(lanes: { video: boolean; audio: boolean }, maxHold = 1000, maxItems = 512) {
    const lane = (): Lane<T> => ({ waiting: [], seen: Number.NEGATIVE_INFINITY });
    this.#lanes = { video: lanes.video ? lane() : null, audio: lanes.audio ? lane() : null };
    this.#maxHold = maxHold;
    this.#maxItems = maxItems;
  }

  /** Takes the next items of a lane, gives those (of both) whose turn has come. */
  push(kind: "video" | "audio", items: readonly T[]): T[] {
    const lane = this.#lanes[kind];
    const last = items.at(-1);
    if (!lane || !last) return [];
    for (const item of items) lane.waiting.push(item);
    lane.seen = Math.max(lane.seen, last.dts);
    const ready: T[] = [];
    for (let next = this.#next(); next; next = this.#next()) ready.push(next);
    return ready;
  }

  /** Everything that is still held back, in order. */
  flush(): T[] {
    const all = [...(this.#lanes.video?.waiting.splice(0) ?? []), ...(this.#lanes.audio?.waiting.splice(0) ?? [])];
    return all.sort((a, b) => a.dts - b.dts);
  }

  #next(): T | undefined {
    const { video, audio } = this.#lanes;
    const headVideo = video?.waiting[0];
    const headAudio = audio?.waiting[0];
    const first = !headAudio || (headVideo && headVideo.dts <= headAudio.dts) ? video : audio;
    const other = first === video ? audio : video;
    const head = first?.waiting[0];
    if (!first || !head) return undefined;
    const safe = !other || other.waiting.length > 0 || head.dts <= other.seen;
    const full = first.seen - head.dts > this.#maxHold || first.waiting.length > this.#maxItems;
    return safe || full ? first.waiting.shift() : undefined;
  }
}
