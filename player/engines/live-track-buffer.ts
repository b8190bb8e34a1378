// One SourceBuffer of the live engine: what is to be done to it waits in order, since it does one thing at a time.
import type { LiveTrack } from "../../protocol/live-messages.ts";

/** What a SourceBuffer has still to do. */
type Job =
  | { readonly type: "shift"; readonly by: number }
  | { readonly type: "append"; readonly pieces: Uint8Array[] }
  | { readonly type: "change"; readonly mime_type: string }
  | { readonly type: "remove"; readonly from: number; readonly to: number };

/** One SourceBuffer and what waits for it. */
export class TrackBuffer {
  readonly #buffer: SourceBuffer;
  readonly #onFull: () => void;
  #jobs: Job[] = [];
  #mimeType: string;

  constructor(buffer: SourceBuffer, mime_type: string, events: { onDone: () => void; onFull: () => void }) {
    this.#buffer = buffer;
    this.#mimeType = mime_type;
    this.#onFull = events.onFull;
    buffer.addEventListener("updateend", () => {
      events.onDone();
      this.#next();
    });
  }

  /** Nothing waits. */
  get idle(): boolean {
    return this.#jobs.length === 0 && !this.#buffer.updating;
  }

  /** A run begins. */
  open({ mime_type }: LiveTrack, init: Uint8Array): void {
    if (mime_type !== this.#mimeType) this.#jobs.push({ type: "change", mime_type });
    this.#mimeType = mime_type;
    this.append(init);
  }

  append(piece: Uint8Array): void {
    const last = this.#jobs.at(-1);
    if (last?.type === "append") last.pieces.push(piece);
    else this.#jobs.push({ type: "append", pieces: [piece] });
    this.#next();
  }

  /** From here on what is appended is put `by` s later than it says. */
  shift(by: number): void {
    this.#jobs.push({ type: "shift", by });
    this.#next();
  }

  /** Removes all, and begins again with `pieces`. */
  replace(pieces: readonly Uint8Array[]): void {
    this.#jobs.push({ type: "remove", from: 0, to: Number.POSITIVE_INFINITY }, { type: "shift", by: 0 });
    for (const piece of pieces) this.append(piece);
    this.#next();
  }

  /** Removes what is before `to`, s, in front of all that waits. */
  removeBefore(to: number): void {
    const { buffered } = this.#buffer;
    if (buffered.length === 0 || buffered.start(0) >= to) return;
    this.#jobs.unshift({ type: "remove", from: 0, to });
    this.#next();
  }

  #next(): void {
    const [job] = this.#jobs;
    if (!job || this.#buffer.updating) return;
    try {
      if (job.type === "append") this.#buffer.appendBuffer(joined(job.pieces));
      else if (job.type === "change") this.#buffer.changeType(job.mime_type);
      else if (job.type === "shift") this.#buffer.timestampOffset = job.by;
      else this.#buffer.remove(job.from, job.to);
    } catch (thrown) {
      if (!(thrown instanceof DOMException && thrown.name === "QuotaExceededError")) throw thrown;
      this.#onFull(); // and then again
      return;
    }
    this.#jobs.shift();
    if (job.type === "change" || job.type === "shift") this.#next();
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
