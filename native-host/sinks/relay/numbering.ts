// The numbers of a viewer's packets: without a gap where groups of pictures were left out, so that it doesn't ask for them.
import { distance } from "./rtp.ts";

/** Numbers `from` on (of the source) are sent with so much less. */
interface Stretch {
  readonly from: number;
  /** The first number that is sent of it. */
  readonly sent_from: number;
}

/** Stretches that are remembered: packets that are sent again belong to the last ones. */
const REMEMBERED = 3;

/** Maps the source's numbers to a viewer's, and back. */
export class Numbering {
  readonly #stretches: Stretch[] = [];
  /** The newest number of the source that was sent. */
  #newest: number | null = null;

  /** Goes on with a number of the source, right after what was sent last. */
  resume(sequence: number): void {
    const last = this.#stretches.at(-1);
    const sent_from = last && this.#newest !== null ? (this.#sent(last, this.#newest) + 1) & 0xffff : sequence;
    this.#stretches.push({ from: sequence, sent_from });
    if (this.#stretches.length > REMEMBERED) this.#stretches.shift();
    this.#newest = sequence;
  }

  /** The viewer's number of a packet; `null`: it belongs to what was left out, or is too old. */
  next(sequence: number): number | null {
    const last = this.#stretches.at(-1);
    if (!last || this.#newest === null || distance(last.from, sequence) < 0) return null;
    if (distance(this.#newest, sequence) > 0) this.#newest = sequence;
    return this.#sent(last, sequence);
  }

  /** The source's number of a packet that the viewer misses; `null`: it isn't known. */
  source(sent: number): number | null {
    for (const stretch of this.#stretches.toReversed()) {
      const after = distance(stretch.sent_from, sent);
      if (after >= 0) return (stretch.from + after) & 0xffff;
    }
    return null;
  }

  #sent({ from, sent_from }: Stretch, sequence: number): number {
    return (sent_from + distance(from, sequence)) & 0xffff;
  }
}
