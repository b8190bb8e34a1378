// The runs of one stream, one after the other: which one takes media now, and that their media reach the
// feed in order. Never decides that a new run is needed.
import type { RunOpening } from "../../protocol/native-messages.ts";
import { partLogger } from "../logging.ts";
import { Run, type RunOptions } from "./run.ts";

const log = partLogger("run");

/** Starts a run; replaced in tests. */
export type StartRun = (options: RunOptions) => Run;

/** Keeps the runs of a stream. */
export class RunSequence {
  readonly #start: StartRun;
  #current: Run | null = null;
  /** Runs whose FFmpeg still writes out its tail. */
  readonly #draining = new Set<Run>();
  #tail: Promise<void> = Promise.resolve();
  #lastNumber = -1;
  #ignoredBytes = 0;

  constructor(start: StartRun = (options) => new Run(options)) {
    this.#start = start;
  }

  /** The run that takes media now. */
  get current(): Run | null {
    return this.#current;
  }

  /** Ids of the FFmpegs that work now. */
  get pids(): number[] {
    const runs = [...this.#draining, ...(this.#current ? [this.#current] : [])];
    return runs.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Bytes that came for no open run. */
  get ignored_bytes(): number {
    return this.#ignoredBytes;
  }

  /** A run is about to begin; `false`: its number is not a new one. */
  announce(opening: RunOpening): boolean {
    if (opening.run <= this.#lastNumber) {
      log.warning("run {run} of {stream_id} was opened after run {last}: ignored", {
        ...opening,
        last: this.#lastNumber,
      });
      return false;
    }
    this.#lastNumber = opening.run;
    return true;
  }

  /** Opens a run that was announced and ends the one before it. */
  open(opening: RunOpening, options: Omit<RunOptions, "after" | "opening">): void {
    if (this.#current) this.#drain(this.#current);
    this.#current = this.#start({ ...options, opening, after: this.#tail });
    this.#tail = this.#current.finished;
  }

  /** Takes the next bytes of a run. Those of any but the open run are counted and thrown away. */
  write(run: number, bytes: Buffer): void {
    if (this.#current?.number === run) this.#current.write(bytes);
    else this.#ignoredBytes += bytes.length;
  }

  /** Ends a run by its number; its tail still comes out. */
  close(run: number): void {
    if (this.#current?.number === run) this.#drain(this.#current);
  }

  /** The run has failed: it takes no more. */
  drop(run: Run): void {
    if (this.#current === run) this.#current = null;
  }

  /** Ends what is open. Resolves when the media of all runs are in the feed. */
  async finish(): Promise<void> {
    if (this.#current) this.#drain(this.#current);
    await this.#tail;
  }

  /** Ends every FFmpeg at once. */
  async kill(): Promise<void> {
    const runs = [...this.#draining, ...(this.#current ? [this.#current] : [])];
    this.#current = null;
    await Promise.all(runs.map((run) => run.kill()));
  }

  #drain(run: Run): void {
    this.#current = null;
    this.#draining.add(run);
    void run.finish().finally(() => this.#draining.delete(run));
  }
}
