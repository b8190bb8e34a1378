// Counts late parts: which viewer got which part when. Times in ms on one monotonic clock.
//
// A part is *announced* when the first of all viewers has a playlist that names it. It is *late* for a viewer
// whose last byte of it comes more than PART-HOLD-BACK minus the part's own duration after that: a player at
// PART-HOLD-BACK from the edge has then run dry. It is *slow* when that took more than one PART-TARGET.
import { percentile } from "../statistics.ts";

/** Figures of a ledger. */
export interface LedgerFigures {
  readonly parts: number;
  readonly late: number;
  readonly slow: number;
  /** ms from announcement to last byte. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** ms by which the stream itself came later than its media time says, at worst. */
  readonly edge_delay: number;
}

const KEPT = 500_000;

/** Collects announcements and arrivals. */
export class Ledger {
  readonly #announced = new Map<string, number>();
  readonly #delays: number[] = [];
  readonly #edges = new Map<string, { media: number; offsets: number[] }>();
  #parts = 0;
  #late = 0;
  #slow = 0;

  /** A viewer has a playlist that names the part `key` of `rendition`; `duration` in s. */
  announce(rendition: string, key: string, duration: number, now: number): void {
    if (this.#announced.has(key)) return;
    this.#announced.set(key, now);
    const edge = this.#edges.get(rendition) ?? { media: 0, offsets: [] };
    edge.media += duration * 1000;
    edge.offsets.push(now - edge.media);
    this.#edges.set(rendition, edge);
  }

  /** A viewer has the last byte of a part. Durations in s. */
  arrive(key: string, part: { duration: number; part_target: number; hold_back: number }, now: number): void {
    const announced = this.#announced.get(key);
    if (announced === undefined) throw new Error(`part ${key} came before it was announced`);
    const delay = now - announced;
    this.#parts++;
    if (delay > (part.hold_back - part.duration) * 1000) this.#late++;
    if (delay > part.part_target * 1000) this.#slow++;
    if (this.#delays.length < KEPT) this.#delays.push(delay);
  }

  /** A part that a viewer never got counts as late. */
  lose(): void {
    this.#parts++;
    this.#late++;
    this.#slow++;
  }

  /** The figures so far. */
  figures(): LedgerFigures {
    const spread = (offsets: number[]) => offsets.reduce((a, b) => Math.max(a, b), -Infinity) - percentile(offsets, 0);
    const edges = [...this.#edges.values()].map(({ offsets }) => spread(offsets));
    return {
      parts: this.#parts,
      late: this.#late,
      slow: this.#slow,
      p50: percentile(this.#delays, 0.5),
      p99: percentile(this.#delays, 0.99),
      worst: percentile(this.#delays, 1),
      edge_delay: edges.reduce((a, b) => Math.max(a, b), 0),
    };
  }
}
