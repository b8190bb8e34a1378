// Takes the runs of a stream in: holds the first bytes of each back until it is decided how its picture is made, then
// starts it. Never decides that itself (video-maker.ts), and never asks for a run.
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening } from "../../protocol/native-messages.ts";
import type { RunPlan } from "../ffmpeg/arguments.ts";
import type { StreamPlan } from "./plan.ts";
import type { RunOptions } from "./run.ts";
import { RunSequence, type StartRun } from "./run-sequence.ts";
import type { VideoMaker } from "./video-maker.ts";

/** Bytes that may wait for a plan: seconds of the hardest content. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** What an {@link Intake} needs. */
export interface IntakeOptions extends Pick<RunOptions, "ffmpeg_path" | "feed"> {
  readonly maker: VideoMaker;
  /** FFmpeg's part of a plan. */
  readonly runPlan: (opening: RunOpening, plan: StreamPlan) => RunPlan;
  readonly onAccepted: (run: number, bytes: number) => void;
  /** The run can't go on. */
  readonly onFailed: (run: number, error: FlyBrowserError) => void;
  /** The stream can't go on: there is no way to make what was asked for. */
  readonly onImpossible: (error: FlyBrowserError) => void;
  /** A run was started, with its plan. */
  readonly onPlanned: () => void;
  /** Replaced in tests. */
  readonly startRun?: StartRun | undefined;
}

interface Waiting {
  readonly opening: RunOpening;
  held: Buffer[];
  bytes: number;
}

/** The intake of one stream. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #runs: RunSequence;
  #waiting: Waiting | null = null;
  #ignoredBytes = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#runs = new RunSequence(options.startRun);
  }

  /** The run that takes media now, once it has begun. */
  get current(): RunSequence["current"] {
    return this.#runs.current;
  }

  /** Ids of the FFmpegs that work now. */
  get ffmpeg_pids(): number[] {
    return this.#runs.pids;
  }

  /** Bytes that came for no open run. */
  get ignored_bytes(): number {
    return this.#ignoredBytes + this.#runs.ignored_bytes;
  }

  /** A run begins; `false`: its number is not a new one. */
  open(opening: RunOpening): boolean {
    if (!this.#runs.announce(opening)) return false;
    this.#waiting = { opening, held: [], bytes: 0 };
    this.#settle();
    return true;
  }

  /** The next bytes of a run. */
  write(run: number, bytes: Buffer): void {
    const { maker } = this.#options;
    const waiting = this.#waiting;
    if (waiting?.opening.run !== run) {
      if (this.#runs.current?.number === run) maker.received(Date.now(), bytes.length);
      this.#runs.write(run, bytes);
      return;
    }
    maker.received(Date.now(), bytes.length);
    waiting.held.push(bytes);
    waiting.bytes += bytes.length;
    this.#settle(waiting.bytes > MAX_HELD_BYTES);
  }

  /** A run is complete. */
  close(run: number): void {
    if (this.#waiting?.opening.run === run) this.#settle(true);
    this.#runs.close(run);
  }

  /** The run has failed: it takes no more. */
  drop(run: number): boolean {
    const { current } = this.#runs;
    if (current?.number !== run) return false;
    this.#runs.drop(current);
    return true;
  }

  /** Ends what is open. Resolves when the media of all runs are in the feed. */
  finish(): Promise<void> {
    if (this.#waiting) this.#settle(true);
    return this.#runs.finish();
  }

  /** Ends every FFmpeg at once. */
  kill(): Promise<void> {
    this.#waiting = null;
    return this.#runs.kill();
  }

  /** Starts the run that waits, if its plan is known. `last`: it can wait no longer. */
  #settle(last = false): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const { maker, runPlan, onAccepted, onFailed, onImpossible, onPlanned, ...parts } = this.#options;
    const { opening, held } = waiting;
    let plan: StreamPlan | null;
    try {
      plan = maker.planFor(opening, Date.now(), last);
    } catch (thrown) {
      this.#waiting = null;
      onImpossible(toFlyBrowserError(thrown));
      return;
    }
    if (plan === null && !last) return;
    this.#waiting = null;
    if (plan === null) {
      this.#ignoredBytes += waiting.bytes;
      return;
    }
    this.#runs.open(opening, {
      ...parts,
      plan: runPlan(opening, plan),
      onAccepted: (bytes) => onAccepted(opening.run, bytes),
      onFailed: (error) => onFailed(opening.run, error),
      onVideo: (bytes) => {
        if (this.#runs.current?.number === opening.run) maker.produced(Date.now(), bytes);
      },
    });
    for (const bytes of held) this.#runs.write(opening.run, bytes);
    onPlanned();
  }
}
