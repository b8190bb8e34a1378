// The ingest of one captured tab: takes the browser's bytes, run by run, decides with the transcode switch how each run is made,
// and hands the bytes to that run's FFmpeg. Asks for a fresh run when one has failed, is stuck, or breaks the cap.
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening, StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { EncoderChoice } from "../ffmpeg/encoders.ts";
import { partLogger } from "../logging.ts";
import type { FanOut } from "../media/fan-out.ts";
import { runPlan, type StreamPlan } from "./plan.ts";
import { Recovery } from "./recovery.ts";
import { IngestRun, type IngestRunOptions } from "./run.ts";
import { RunWatch } from "./run-watch.ts";
import { TranscodeSwitch } from "./transcode-switch.ts";

/** Bytes of a run that may wait for its plan: seconds of the hardest content. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/**
 * What FFmpeg has taken is acknowledged when it is so old (ms) or so much (bytes): far less than the extension may have under way
 * (8 MiB or 4 s), and each acknowledgement wakes three processes.
 */
const ACKNOWLEDGE = { ms: 500, bytes: 1024 * 1024 } as const;

const log = partLogger("ingest");

/** Starts a run; replaced in tests. */
export type StartRun = (options: IngestRunOptions) => IngestRun;

/** What an ingest tells its stream. */
export interface IngestEvents {
  /** FFmpeg has taken so many bytes of a run. */
  accepted(run: number, bytes: number): void;
  /** A fresh run is wanted. `orderly`: the run that is open is well and is to end in order. */
  runNeeded(reason: string, orderly: boolean): void;
  /** A run begins. `unasked`: the capture began it by itself, though one went on. */
  opened(unasked: boolean): void;
  /** It is known how the newest run is made. */
  planned(): void;
  /** A run has failed; the next one is asked for. */
  recovering(error: FlyBrowserError): void;
  /** There will be no more media: too many tries, or no way to make what was asked for. */
  failed(error: FlyBrowserError): void;
}

/** What an {@link Ingest} needs. */
export interface IngestOptions {
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly ffmpeg_path: string;
  /** This FFmpeg knows `-fps_mode`. */
  readonly fps_mode: boolean;
  readonly encoders: EncoderChoice;
  /** Cores of this machine. */
  readonly cores: number;
  /** Where the media go. */
  readonly media: FanOut;
  readonly events: IngestEvents;
  /** ms since the last media came out, or since it is measured. `now`: epoch ms. */
  readonly silence: (now: number) => number;
  /** There was something to see already, for whoever is to see it. */
  readonly playable: () => boolean;
  readonly startRun?: StartRun | undefined;
}

/** A run whose plan isn't known yet. */
interface PendingRun {
  readonly opening: RunOpening;
  readonly held: Buffer[];
  bytes: number;
}

/** The ingest of one stream. */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #transcode: TranscodeSwitch;
  readonly #recovery: Recovery;
  readonly #watch: RunWatch;
  #opening: RunOpening | null = null;
  #pending: PendingRun | null = null;
  #current: IngestRun | null = null;
  /** Runs whose FFmpeg still writes out its tail. */
  readonly #draining = new Set<IngestRun>();
  #tail: Promise<void> = Promise.resolve();
  #awaitsRun = false;
  #stopped = false;
  #ignoredBytes = 0;
  /** Bytes of a run that FFmpeg has taken, and that aren't acknowledged yet. */
  #taken = { run: -1, bytes: 0 };
  #acknowledgeTimer: NodeJS.Timeout | null = null;

  constructor(options: IngestOptions) {
    this.#options = options;
    const { events, playable } = options;
    this.#transcode = new TranscodeSwitch({
      stream_id: options.identity.stream_id,
      options: options.options,
      encoders: options.encoders,
      cores: options.cores,
      onSwitch: (reason) => events.runNeeded(reason, true),
    });
    this.#recovery = new Recovery({
      playable,
      ask: (reason) => events.runNeeded(reason, false),
      giveUp: (error) => events.failed(error),
    });
    this.#watch = new RunWatch({ current: () => this.#current, silence: options.silence, playable });
  }

  /** The plan of the newest run; `null` before the first. */
  get plan(): StreamPlan | null {
    return this.#transcode.plan;
  }

  /** Whether the browser gives audio; `null` before the first run. */
  get has_audio(): boolean | null {
    return this.#opening?.has_audio ?? null;
  }

  /** Ids of the FFmpegs that work now. */
  get ffmpeg_pids(): readonly number[] {
    return this.#runs.flatMap(({ pid }) => pid ?? []);
  }

  /** A run has failed, and the one that was asked for has not come yet. */
  get awaits_run(): boolean {
    return this.#awaitsRun;
  }

  /** Percent of the queue towards FFmpeg that is free; `null`: no run is open. */
  get buffer_health(): number | null {
    return this.#current?.buffer_health ?? null;
  }

  /** Bytes that came for no open run. */
  get ignored_bytes(): number {
    return this.#ignoredBytes;
  }

  /** A fresh run begins. */
  openRun(opening: RunOpening): void {
    if (this.#stopped) return;
    const last = this.#opening?.run ?? -1;
    if (opening.run <= last) {
      log.warning("run {run} of {stream_id} was opened after run {last}: ignored", { ...opening, last });
      return;
    }
    const unasked = this.#opening !== null && !this.#awaitsRun && !this.#transcode.switching;
    this.#opening = opening;
    this.#pending = { opening, held: [], bytes: 0 };
    this.#recovery.stop();
    this.#awaitsRun = false;
    this.#start();
    this.#options.events.opened(unasked);
  }

  /** The next bytes of a run. Those of a run that isn't open are counted and thrown away. */
  write(run: number, bytes: Buffer): void {
    const now = Date.now();
    this.#watch.fed(now);
    const pending = this.#pending;
    if (pending?.opening.run === run) {
      this.#transcode.received(now, bytes.length);
      pending.held.push(bytes);
      pending.bytes += bytes.length;
      this.#start(pending.bytes > MAX_HELD_BYTES);
    } else if (this.#current?.number === run) {
      this.#transcode.received(now, bytes.length);
      this.#current.write(bytes);
    } else this.#ignoredBytes += bytes.length;
  }

  /** A run is complete; its tail still comes out. */
  closeRun(run: number): void {
    if (this.#pending?.opening.run === run) this.#start(true);
    if (this.#current?.number === run) this.#drain(this.#current);
  }

  /** From now on the cap may ask for an encoder at any moment: those that may be needed are tried. */
  prepare(): void {
    this.#transcode.prepare();
  }

  /** Asks for nothing any more, and takes no fresh run. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#recovery.stop();
    this.#watch.close();
    this.#acknowledge();
  }

  /** Stops, and ends what is open. Resolves when the media of all runs are with the sinks. */
  async finish(): Promise<void> {
    this.stop();
    if (this.#pending) this.#start(true);
    if (this.#current) this.#drain(this.#current);
    await this.#tail;
  }

  /** Stops, and ends every FFmpeg at once. */
  async kill(): Promise<void> {
    this.stop();
    const runs = this.#runs;
    this.#pending = null;
    this.#current = null;
    await Promise.all(runs.map((run) => run.kill()));
  }

  get #runs(): IngestRun[] {
    return [...this.#draining, ...(this.#current ? [this.#current] : [])];
  }

  /** Starts the run that is pending, if its plan is known. `last`: it can wait no longer. */
  #start(last = false): void {
    const pending = this.#pending;
    if (!pending) return;
    let plan: StreamPlan | null;
    try {
      plan = this.#transcode.planFor(pending.opening, Date.now(), last);
    } catch (thrown) {
      this.#pending = null;
      this.#options.events.failed(toFlyBrowserError(thrown));
      return;
    }
    if (plan === null && !last) return;
    this.#pending = null;
    if (plan === null) {
      this.#ignoredBytes += pending.bytes;
      return;
    }
    this.#begin(pending, plan);
    this.#options.events.planned();
  }

  #begin({ opening, held }: PendingRun, plan: StreamPlan): void {
    const { identity, fps_mode, ffmpeg_path, media, startRun } = this.#options;
    if (this.#current) this.#drain(this.#current);
    const options: IngestRunOptions = {
      ...{ opening, ffmpeg_path, media },
      after: this.#tail,
      plan: runPlan(plan, (opening.captured_at - identity.started_at) / 1000, fps_mode),
      onAccepted: (bytes) => this.#accepted(opening.run, bytes),
      onFailed: (error) => this.#runFailed(opening.run, error),
      onVideo: (bytes) => {
        if (this.#current?.number === opening.run) this.#transcode.produced(Date.now(), bytes);
      },
    };
    this.#current = startRun ? startRun(options) : new IngestRun(options);
    this.#tail = this.#current.finished;
    for (const bytes of held) this.#current.write(bytes);
  }

  /** Asks for a fresh run, after a pause, until one comes or there were too many tries. */
  #runFailed(run: number, error: FlyBrowserError): void {
    const { identity, events } = this.#options;
    log.warning("run {run} of {stream_id} has failed: {error}", { run, stream_id: identity.stream_id, error });
    if (this.#current?.number !== run) return;
    this.#current = null;
    if (this.#stopped) return;
    this.#transcode.failed(error);
    this.#awaitsRun = true;
    if (this.#recovery.begin(error)) events.recovering(error);
  }

  #accepted(run: number, bytes: number): void {
    if (run !== this.#taken.run) this.#acknowledge();
    this.#taken = { run, bytes: this.#taken.bytes + bytes };
    if (this.#taken.bytes >= ACKNOWLEDGE.bytes || this.#stopped) this.#acknowledge();
    else this.#acknowledgeTimer ??= setTimeout(() => this.#acknowledge(), ACKNOWLEDGE.ms);
  }

  #acknowledge(): void {
    if (this.#acknowledgeTimer) clearTimeout(this.#acknowledgeTimer);
    this.#acknowledgeTimer = null;
    const { run, bytes } = this.#taken;
    this.#taken = { run, bytes: 0 };
    if (bytes > 0) this.#options.events.accepted(run, bytes);
  }

  #drain(run: IngestRun): void {
    this.#current = null;
    this.#draining.add(run);
    void run.finish().finally(() => this.#draining.delete(run));
  }
}
