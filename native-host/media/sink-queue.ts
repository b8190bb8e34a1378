// The bounded queue in front of one sink. It keeps what comes while the sink is busy, leaves out whole groups of pictures
// when there is no room, and takes a sink that fails off the stream until its pause is over.
import { Backoff } from "../../protocol/async.ts";
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import { partLogger } from "../logging.ts";
import type { MediaRun, MediaSink, SinkOptions, SinkReport } from "./sink.ts";
import type { MediaUnit } from "./unit.ts";

/** Bytes, and ms of media, that may wait for a sink that says nothing else. */
const LIMITS = { bytes: 32 * 1024 * 1024, span: 10_000 } as const;
/** ms before a sink that failed is tried again; the second is what it grows to. */
const RESTART = { after: 2_000, at_most: 60_000 } as const;
/** ms for which a sink must do well before its pauses begin anew. */
const STEADY = 30_000;

const log = partLogger("media");

/** Something that a sink is told. */
export type SinkEvent =
  | { readonly type: "open"; readonly run: MediaRun }
  | { readonly type: "unit"; readonly unit: MediaUnit }
  | { readonly type: "close" }
  | { readonly type: "end" };

/** The queue of one sink. */
export class SinkQueue {
  readonly #sink: MediaSink;
  readonly #options: SinkOptions;
  readonly #backoff: Backoff;
  /** Gives all that a sink needs that begins now. */
  readonly #replay: () => readonly SinkEvent[];
  #waiting: SinkEvent[] = [];
  #bytes = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #busy = false;
  #skipping = false;
  /** Counts up when the sink is detached: what it finishes after that is of the past. */
  #life = 0;
  #restart: NodeJS.Timeout | null = null;
  #attachedAt = performance.now();
  /** Nothing more comes: it has been pushed an `end`. */
  #ended = false;
  #closed = false;
  #finished: Promise<void> | null = null;
  #onIdle: () => void = () => {};
  #dropped = { units: 0, frames: 0 };
  #failures = 0;
  #error: FlyBrowserError | null = null;

  constructor(sink: MediaSink, options: SinkOptions, replay: () => readonly SinkEvent[]) {
    this.#sink = sink;
    this.#options = options;
    this.#replay = replay;
    this.#backoff = new Backoff({ first: options.restart_after ?? RESTART.after, longest: RESTART.at_most });
    for (const event of replay()) this.push(event);
  }

  /** How it is doing. */
  get report(): SinkReport {
    return {
      name: this.#sink.name,
      detached: this.#restart !== null,
      queued_bytes: this.#bytes,
      dropped_units: this.#dropped.units + (this.#sink.left_out?.units ?? 0),
      dropped_frames: this.#dropped.frames + (this.#sink.left_out?.frames ?? 0),
      failures: this.#failures,
      error: this.#error,
    };
  }

  /** Which renditions it gets. */
  get renditions(): NonNullable<SinkOptions["renditions"]> {
    return this.#options.renditions ?? "source";
  }

  /** Tells the sink, at once or when it is no longer busy. */
  push(event: SinkEvent): void {
    if (this.#closed || this.#ended || this.#restart !== null) return;
    this.#ended = event.type === "end";
    if (event.type === "unit" && !this.#admits(event.unit)) {
      this.#dropped.units++;
      if (event.unit.kind === "video") this.#dropped.frames += event.unit.frames;
      return;
    }
    if (event.type === "open") this.#skipping = false;
    this.#waiting.push(event);
    if (event.type === "unit") this.#bytes += event.unit.bytes.length;
    if (!this.#busy) this.#drain();
  }

  /** Takes nothing more in. Resolves when the sink has taken what waits, and its `end`, or has failed. Idempotent. */
  finish(): Promise<void> {
    this.#finished ??= new Promise((resolve) => {
      this.#onIdle = resolve;
      this.push({ type: "end" });
      if (!this.#busy && this.#waiting.length === 0) resolve();
    });
    return this.#finished;
  }

  /** Takes the sink off for good: it is told nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#detach();
    if (this.#restart) clearTimeout(this.#restart);
    this.#restart = null;
  }

  #drain(): void {
    const life = this.#life;
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) {
      if (event.type === "unit") this.#bytes -= event.unit.bytes.length;
      let done: void | Promise<void>;
      try {
        done = this.#tell(event);
      } catch (thrown) {
        this.#fail(thrown);
        return;
      }
      if (life !== this.#life) return; // it closed itself
      if (!done) continue;
      this.#busy = true;
      done.then(
        () => this.#resume(life),
        (thrown: unknown) => (life === this.#life ? this.#fail(thrown) : undefined),
      );
      return;
    }
    this.#onIdle();
  }

  #tell(event: SinkEvent): void | Promise<void> {
    if (event.type === "unit") return this.#sink.write(event.unit);
    if (event.type === "open") return this.#sink.openRun(event.run);
    return event.type === "close" ? this.#sink.closeRun?.() : this.#sink.end?.();
  }

  #resume(life: number): void {
    if (life !== this.#life) return;
    this.#busy = false;
    this.#drain();
  }

  #fail(thrown: unknown): void {
    this.#detach();
    this.#failures++;
    this.#error = toFlyBrowserError(thrown);
    if (performance.now() - this.#attachedAt > STEADY) this.#backoff.reset();
    const pause = this.#backoff.next();
    const { name } = this.#sink;
    log.error("{name} is detached, and tried again in {pause} ms: {error}", { name, pause, error: this.#error });
    this.#restart = setTimeout(() => {
      this.#restart = null;
      this.#ended = false;
      this.#attachedAt = performance.now();
      for (const event of this.#replay()) this.push(event);
    }, pause);
    this.#restart.unref();
  }

  #detach(): void {
    this.#life++;
    this.#waiting = [];
    this.#bytes = 0;
    this.#busy = false;
    this.#skipping = false;
    this.#onIdle();
  }

  /** Audio as long as there is room; video up to a keyframe only once half of the room is free, or the next hiccup would cost more. */
  #admits(unit: MediaUnit): boolean {
    this.#newest = Math.max(this.#newest, unit.end);
    if (!this.#busy && this.#waiting.length === 0 && !this.#skipping) return true;
    if (unit.kind === "audio") return this.#fits(1);
    if (this.#skipping) {
      if (unit.keyframe && this.#fits(0.5)) this.#skipping = false;
    } else if (!this.#fits(1)) this.#skipping = true;
    return !this.#skipping;
  }

  #fits(share: number): boolean {
    const { bytes, span } = this.#options.limits ?? LIMITS;
    const oldest = this.#waiting.find((event) => event.type === "unit");
    const waits = oldest?.type === "unit" ? this.#newest - oldest.unit.dts : 0;
    return this.#bytes < bytes * share && waits < span * share;
  }
}
