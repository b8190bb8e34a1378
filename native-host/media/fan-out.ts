// Hands the media units of a stream to its sinks, each behind a queue of its own: what one sink does, or fails to do, never
// reaches another one, or the source.
import { isForLive, isSource, type Rendition } from "./rendition.ts";
import type { MediaRun, MediaSink, SinkOptions, SinkReport } from "./sink.ts";
import { type SinkEvent, SinkQueue } from "./sink-queue.ts";
import type { MediaUnit } from "./unit.ts";

/** Units kept for sinks that come in the middle: several of the longest keyframe intervals. */
const MAX_RECENT = 400;

/** A sink on a stream. */
export interface Attachment {
  /** How it is doing. */
  readonly report: SinkReport;
  /** Takes it off once it has taken what waits for it, and is told that this was all; resolves then, or when it fails. */
  finish(): Promise<void>;
  /** Takes it off at once. Idempotent. */
  close(): void;
}

/** Audio comes a little before its video; sinks begin with the video, and would leave that audio out. */
export function videoFirst(units: readonly MediaUnit[]): MediaUnit[] {
  const first = units.find(({ kind }) => kind === "video");
  return first ? [first, ...units.filter((unit) => unit !== first)] : [...units];
}

/** The fan-out of one stream. */
export class FanOut {
  readonly #queues = new Set<SinkQueue>();
  #run: MediaRun | null = null;
  /** What came since the last keyframe of the source, that one first. */
  #recent: MediaUnit[] = [];
  #begun = false;
  #ended = false;

  /** The run that goes on; `null`: none. */
  get run(): MediaRun | null {
    return this.#run;
  }

  /** Something has come out already. */
  get begun(): boolean {
    return this.#begun;
  }

  /** How the sinks are doing. */
  get reports(): SinkReport[] {
    return [...this.#queues].map(({ report }) => report);
  }

  /** Attaches a sink: it gets all from the last keyframe on. */
  attach(sink: MediaSink, options: SinkOptions = {}): Attachment {
    const queue = new SinkQueue(sink, options, () => this.#replay(options.renditions));
    this.#queues.add(queue);
    const close = () => {
      this.#queues.delete(queue);
      queue.close();
    };
    return {
      get report() {
        return queue.report;
      },
      finish: () => queue.finish().finally(close),
      close,
    };
  }

  /** A run begins. */
  openRun(run: MediaRun): void {
    this.#run = run;
    this.#recent = [];
    for (const queue of [...this.#queues]) queue.push({ type: "open", run: this.#runFor(run, queue.renditions) });
  }

  /** A rendition has joined the run that is open; sinks learn of it by its units. */
  addRendition(init: MediaRun["inits"][number]): void {
    if (this.#run) this.#run = { ...this.#run, inits: [...this.#run.inits, init] };
  }

  /** The next unit of the run that is open. */
  write(unit: MediaUnit): void {
    const source = this.#isSource(unit);
    if (source && unit.kind === "video" && unit.keyframe) this.#forgetBefore(unit.dts);
    // Without its keyframe the rest is of no use: a new sink waits for the next one then.
    if (this.#recent.length >= MAX_RECENT) this.#recent = [];
    this.#recent.push(unit);
    this.#begun = true;
    for (const queue of [...this.#queues])
      if (this.#isFor(queue.renditions, unit.rendition)) queue.push({ type: "unit", unit });
  }

  /** The run is complete. */
  closeRun(): void {
    this.#run = null;
    this.#recent = [];
    for (const queue of [...this.#queues]) queue.push({ type: "close" });
  }

  /** The stream is over. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#run = null;
    this.#recent = [];
    for (const queue of [...this.#queues]) queue.push({ type: "end" });
  }

  #replay(wanted: SinkOptions["renditions"]): SinkEvent[] {
    if (this.#ended) return [{ type: "end" }];
    if (!this.#run) return [];
    const units = this.#recent.filter((unit) => this.#isFor(wanted, unit.rendition));
    return [
      { type: "open", run: this.#runFor(this.#run, wanted) },
      ...videoFirst(units).map((unit): SinkEvent => ({ type: "unit", unit })),
    ];
  }

  #runFor(run: MediaRun, wanted: SinkOptions["renditions"]): MediaRun {
    return { ...run, inits: run.inits.filter(({ rendition }) => this.#isFor(wanted, rendition)) };
  }

  #isFor(wanted: SinkOptions["renditions"], rendition: Rendition): boolean {
    if (wanted === "all") return !isForLive(rendition);
    const renditions = this.#run?.inits.map((init) => init.rendition) ?? [];
    const live = renditions.find((each) => isForLive(each) && each.group === rendition.group);
    return wanted === "live" && live ? rendition.id === live.id : isSource(rendition, renditions);
  }

  #isSource({ rendition }: MediaUnit): boolean {
    return this.#isFor("source", rendition);
  }

  /** What is still needed is audio that is heard with the new keyframe. */
  #forgetBefore(dts: number): void {
    this.#recent = this.#recent.filter(({ kind, end }) => kind === "audio" && end > dts);
  }
}
