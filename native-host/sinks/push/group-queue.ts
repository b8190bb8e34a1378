// The segments that wait to be put into a store: those of one stretch of time together, the oldest left out when there are too many.
import type { Packager } from "../../packager/packager.ts";
import type { Segment } from "../../packager/segment.ts";

/** What may wait. */
const MOST = { groups: 20, bytes: 48 * 1024 * 1024 } as const;
/** Groups that are put together, when several wait. */
const TOGETHER = 4;

/** The whole segments of all renditions with one media sequence number. */
export interface SegmentGroup {
  readonly msn: number;
  /** By rendition id, the video's first. */
  readonly segments: ReadonlyMap<string, Segment>;
  /** Some that came before it were left out. */
  readonly after_loss: boolean;
}

/** The queue of one store. */
export class GroupQueue {
  readonly #packager: Packager;
  #waiting: SegmentGroup[] = [];
  #last = -1;
  #dropped = 0;
  #lost = false;

  constructor(packager: Packager) {
    this.#packager = packager;
  }

  /** Video frames in what was left out. */
  get dropped_frames(): number {
    return this.#dropped;
  }

  /** The oldest; `undefined`: none waits. */
  get next(): SegmentGroup | undefined {
    return this.#waiting[0];
  }

  /** Takes what the packager has finished. */
  collect(): void {
    const { main, renditions } = this.#packager;
    for (const { msn, complete } of main?.segments ?? []) {
      if (msn <= this.#last) continue;
      const segments = new Map<string, Segment>();
      for (const store of renditions) {
        const segment = store.segment(msn);
        if (segment?.complete) segments.set(store.id, segment);
        else if (segment) return; // the others of this time are not there yet
      }
      if (!complete) return;
      this.#last = msn;
      this.#waiting.push({ msn, segments, after_loss: false });
    }
    this.#bound();
  }

  /** The oldest ones, to be put together. */
  take(): SegmentGroup[] {
    const [first, ...rest] = this.#waiting.splice(0, TOGETHER);
    if (!first) return [];
    const after_loss = this.#lost || first.after_loss;
    this.#lost = false;
    return [{ ...first, after_loss }, ...rest];
  }

  /** They could not be put: they wait again, in front. */
  giveBack(groups: readonly SegmentGroup[]): void {
    this.#waiting.unshift(...groups);
    this.#bound();
  }

  #bound(): void {
    let bytes = this.#waiting.reduce((sum, group) => sum + bytesOf(group), 0);
    while (this.#waiting.length > MOST.groups || (bytes > MOST.bytes && this.#waiting.length > 1)) {
      const oldest = this.#waiting.shift();
      if (!oldest) return;
      bytes -= bytesOf(oldest);
      this.#dropped += this.#packager.main ? (oldest.segments.get(this.#packager.main.id)?.frames ?? 0) : 0;
      this.#lost = true;
    }
  }
}

function bytesOf({ segments }: SegmentGroup): number {
  return [...segments.values()].reduce((sum, { bytes }) => sum + bytes, 0);
}
