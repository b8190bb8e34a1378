// The clock of the extension's capture, seen from here. It is monotonic like ours, begins elsewhere, and may stand still where ours
// goes on (a machine that sleeps): what a message needs at least to come here tells how far the two are apart.
import { monotonic } from "../media/stream-clock.ts";

/** ms; the smallest delay of the last one or two of these counts. */
const SPAN = 5_000;

/** The clock of one publisher. */
export class PublisherClock {
  #id = Number.NaN;
  /** Our clock minus the publisher's, ms: the least of this span and of the one before. */
  #least = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;
  #since = 0;

  /** A message has come that was sent at `sent_at` by the clock `id`; another one than before is another clock. */
  heard(id: number, sent_at: number): void {
    const now = monotonic();
    const age = id === this.#id ? now - this.#since : Number.POSITIVE_INFINITY;
    if (age > SPAN) {
      this.#before = age > 2 * SPAN ? Number.POSITIVE_INFINITY : this.#least;
      this.#least = Number.POSITIVE_INFINITY;
      this.#since = now;
      this.#id = id;
    }
    this.#least = Math.min(this.#least, now - sent_at);
  }

  /** The moment by {@link monotonic} at which the publisher's clock showed `at`. */
  local(at: number): number {
    return at + Math.min(this.#least, this.#before);
  }
}
