// The ingest of one captured tab: takes the browser's bytes, run by run, decides with the transcode switch how each run is made,
// and hands the bytes to that run's FFmpeg. Asks for a fresh run when one has failed, is stuck, or breaks the cap.
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening, TakenMedia } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { EncoderChoice } from "../ffmpeg/encoders.ts";
import { MAX_QUEUED_BYTES } from "../ffmpeg/process.ts";
import { partLogger } from "../logging.ts";
import type { FanOut } from "../media/fan-out.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { runPlan, type StreamPlan } from "./plan.ts";
import { PublisherClock } from "./publisher-clock.ts";
import { Recovery } from "./recovery.ts";
import { IngestRun, type IngestRunOptions } from "./run.ts";
import { RunWatch } from "./run-watch.ts";
import { TranscodeSwitch } from "./transcode-switch.ts";

/** Bytes of a run that may wait for its plan: with as many that may be under way, what FFmpeg's queue takes at once. */
const MAX_HELD_BYTES = MAX_QUEUED_BYTES / 2;

/** ms from the first media of a stream until encoders are tried that aren't needed yet. */
const PREPARE_AFTER = 1_500;

/** ms for which a run must have given media for its failure not to count as one more of those before. */
const WELL_AFTER = 3_000;

const log = partLogger("ingest");

/** Starts a run; replaced in tests. */
export type StartRun = (options: IngestRunOptions) => IngestRun;

/** What an ingest tells its stream. */
export interface IngestEvents {
  /** So many bytes of a run are off the extension's hands: FFmpeg has taken them, they are held back, or lost. */
  accepted(run: number, bytes: number): void;
  /** A fresh run is wanted. `orderly`: the run that is open is well and is to end in order. */
  runNeeded(reason: string, orderly: boolean): void;
  /** A run begins. `unasked`: the capture began it by itself, though one went on. */
  opened(unasked: boolean): void;
  /** From this run on it has these options: another quality. */
  changed(options: ResolvedStartStreamOptions): void;
  /** It is known how the newest run is made. */
  planned(): void;
  /** Video has come out of the newest run. */
  produced(): void;
  /** A run has failed; the next one is asked for. */
  recovering(error: FlyBrowserError): void;
  /** There will be no more media: too many tries, or no way to make what was asked for. */
  failed(error: FlyBrowserError): void;
}

/** What an {@link Ingest} needs. */
export interface IngestOptions {
  readonly stream_id: string;
  readonly clock: StreamClock;
  readonly options: ResolvedStartStreamOptions;
  readonly ffmpeg_path: string;
  /** This FFmpeg knows `-fps_mode`. */
  readonly fps_mode: boolean;
  readonly encoders: EncoderChoice;
  /** Cores of this machine. */
  readonly cores: number;
  /** Where the media go. */
  readonly media: FanOut;
  /** Whether the size is to stay as it is, whatever the tab does: there is somebody who can't take another one. */
  readonly keepsSize: () => boolean;
  readonly events: IngestEvents;
  /** ms since the last media came out, or since it is measured. */
  readonly silence: () => number;
  /** There was something to see already, for whoever is to see it. */
  readonly playable: () => boolean;
  readonly startRun?: StartRun | undefined;
}

/** A run whose plan isn't known yet. */
interface PendingRun {
  readonly opening: RunOpening;
  /** `null`: too much came, and all of it was thrown away. */
  held: Buffer[] | null;
  bytes: number;
  /** Begun by the plan that is likely; `null`: no plan is, or it has failed. */
  ahead: RunAhead | null;
}

/** A run whose FFmpeg has begun before its plan was known: nothing of it comes out until {@link release}. */
interface RunAhead {
  readonly run: IngestRun;
  readonly release: () => void;
  /** Bytes that were acknowledged before FFmpeg took them. */
  readonly acknowledged: (bytes: number) => void;
}

/** The ingest of one stream. */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #transcode: TranscodeSwitch;
  readonly #recovery: Recovery;
  readonly #watch: RunWatch;
  readonly #publisher = new PublisherClock();
  #stream: ResolvedStartStreamOptions;
  /** What it becomes with the first run of another quality. */
  #next: ResolvedStartStreamOptions | null = null;
  #opening: RunOpening | null = null;
  /** Bytes of that run that have come. */
  #received = 0;
  #pending: PendingRun | null = null;
  #current: IngestRun | null = null;
  /** Runs that were begun ahead, and not needed. */
  readonly #discarded = new WeakSet<IngestRun>();
  /** Runs whose FFmpeg still writes out its tail. */
  readonly #draining = new Set<IngestRun>();
  #tail: Promise<void> = Promise.resolve();
  #preparing: NodeJS.Timeout | undefined;
  #awaitsRun = false;
  #stopped = false;
  #ignoredBytes = 0;
  readonly #acknowledgements: Acknowledgements;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#stream = options.options;
    const { events, playable } = options;
    this.#acknowledgements = new Acknowledgements((run, bytes) => events.accepted(run, bytes));
    this.#transcode = new TranscodeSwitch({
      stream_id: options.stream_id,
      options: options.options,
      encoders: options.encoders,
      cores: options.cores,
      keepsSize: options.keepsSize,
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

  /** Whether it is known how the newest run is made. */
  get planned(): boolean {
    return this.#pending === null && this.#current !== null;
  }

  /** As its newest run was captured. */
  get options(): ResolvedStartStreamOptions {
    return this.#stream;
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

  /** What has come of the newest run. */
  get taken(): TakenMedia {
    const run = this.#opening?.run ?? -1;
    return { run, bytes: this.#received, told: this.#acknowledgements.toldOf(run) };
  }

  /** Bytes that came and went nowhere: for no open run, too many, or lost with an FFmpeg. */
  get ignored_bytes(): number {
    return this.#ignoredBytes;
  }

  /** Runs of that quality will come: each of them has these options. */
  expect(options: ResolvedStartStreamOptions): void {
    this.#next = options;
  }

  /** A fresh run begins. */
  openRun(opening: RunOpening): void {
    if (this.#stopped) return;
    const last = this.#opening?.run ?? -1;
    if (opening.run <= last) {
      log.warning("run {run} of {stream_id} was opened after run {last}: ignored", { ...opening, last });
      return;
    }
    const changed = this.#become(opening);
    const goes_on = this.#opening !== null && !opening.moved && !changed;
    const unasked = goes_on && !this.#awaitsRun && !this.#transcode.switching;
    this.#publisher.heard(opening.clock, opening.sent_at);
    this.#opening = opening;
    this.#received = 0;
    if (this.#pending) this.#throwAway(this.#pending);
    this.#pending = { opening, held: [], bytes: 0, ahead: this.#beginAhead(opening) };
    this.#recovery.stop();
    this.#awaitsRun = false;
    this.#start();
    this.#options.events.opened(unasked);
  }

  /** The next bytes of a run, sent at `sent_at` of its clock. Those of a run that isn't open are counted and thrown away. */
  write(run: number, bytes: Buffer, sent_at: number): void {
    const now = performance.now();
    this.#watch.fed();
    if (this.#opening?.run === run) {
      this.#received += bytes.length;
      this.#publisher.heard(this.#opening.clock, sent_at);
    }
    const pending = this.#pending;
    if (pending?.opening.run === run) {
      this.#transcode.received(now, bytes.length);
      this.#hold(pending, bytes);
      this.#start();
    } else if (this.#current?.number === run) {
      this.#transcode.received(now, bytes.length);
      this.#current.write(bytes);
    } else this.#lost(run, bytes.length);
  }

  /** A run is complete; its tail still comes out. */
  closeRun(run: number): void {
    if (this.#pending?.opening.run === run) this.#start(true);
    if (this.#current?.number === run) this.#drain(this.#current);
  }

  /**
   * From now on the cap may ask for an encoder at any moment: those that may be needed are tried. In a moment: the trials are
   * FFmpegs, and would take the cores from what brings viewers their first picture.
   */
  prepare(): void {
    this.#preparing ??= setTimeout(() => this.#transcode.prepare(), PREPARE_AFTER);
  }

  /** Asks for nothing any more, and takes no fresh run. Idempotent. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#preparing);
    this.#recovery.stop();
    this.#watch.close();
    this.#acknowledgements.close();
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
    const runs = [...this.#runs, ...(this.#pending?.ahead ? [this.#pending.ahead.run] : [])];
    this.#pending = null;
    this.#current = null;
    await Promise.all(runs.map((run) => run.kill()));
  }

  /** Whether a run is of another quality than those before. */
  #become({ quality = this.#stream.quality }: RunOpening): boolean {
    if (quality === this.#stream.quality || this.#next?.quality !== quality) return false;
    this.#stream = this.#next;
    this.#next = null;
    this.#transcode.become(this.#stream, performance.now());
    this.#options.events.changed(this.#stream);
    return true;
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
      plan = this.#transcode.planFor(pending.opening, performance.now(), last);
    } catch (thrown) {
      this.#pending = null;
      this.#discardAhead(pending);
      this.#options.events.failed(toFlyBrowserError(thrown));
      return;
    }
    if (plan === null && !last) return;
    this.#pending = null;
    if (plan === null || pending.held === null) {
      this.#throwAway(pending);
      if (last) return; // what follows is the extension's to open
      this.#awaitsRun = true;
      this.#recovery.begin(new FlyBrowserError("ffmpeg_failed", { reason: sentence("stream.queue_full") }));
      return;
    }
    if (pending.ahead && plan.video.kind === "copy") this.#adopt(pending.ahead);
    else {
      this.#discardAhead(pending);
      this.#begin(pending.opening, pending.held, plan);
    }
    this.#options.events.planned();
  }

  /** FFmpeg takes a while to start: it does while the opening is judged. `null`: that it copies isn't likely. */
  #beginAhead(opening: RunOpening): RunAhead | null {
    const plan = this.#transcode.likely(opening);
    if (!plan) return null;
    let release = (): void => {};
    const known = new Promise<void>((resolve) => {
      release = resolve;
    });
    const after = Promise.all([this.#tail, known]).then(() => {});
    return { ...this.#startRun(opening, plan, after), release };
  }

  #adopt({ run, release }: RunAhead): void {
    if (this.#current) this.#drain(this.#current);
    this.#current = run;
    this.#tail = run.finished;
    release();
  }

  #discardAhead(pending: PendingRun): void {
    const { ahead } = pending;
    pending.ahead = null;
    if (!ahead) return;
    this.#discarded.add(ahead.run);
    void ahead.run.kill();
  }

  #throwAway(pending: PendingRun): void {
    this.#discardAhead(pending);
    for (const held of pending.held ?? []) this.#ignoredBytes += held.length;
    pending.held = null;
  }

  /** Keeps bytes until the plan is known. They are acknowledged at once: the extension must not stop for what is judged here. */
  #hold(pending: PendingRun, bytes: Buffer): void {
    pending.bytes += bytes.length;
    if (pending.bytes > MAX_HELD_BYTES) this.#throwAway(pending);
    if (pending.held === null) {
      this.#lost(pending.opening.run, bytes.length);
      return;
    }
    pending.held.push(bytes);
    pending.ahead?.acknowledged(bytes.length);
    pending.ahead?.run.write(bytes);
    this.#acknowledgements.add(pending.opening.run, bytes.length);
  }

  #begin(opening: RunOpening, held: readonly Buffer[], plan: StreamPlan): void {
    if (this.#current) this.#drain(this.#current);
    const { run, acknowledged } = this.#startRun(opening, plan, this.#tail);
    this.#current = run;
    this.#tail = run.finished;
    for (const bytes of held) {
      acknowledged(bytes.length);
      run.write(bytes);
    }
  }

  #startRun(opening: RunOpening, plan: StreamPlan, after: Promise<void>): Omit<RunAhead, "release"> {
    const { clock, fps_mode, ffmpeg_path, media, startRun } = this.#options;
    clock.remap();
    const captured_at = clock.of(this.#publisher.local(opening.captured_at));
    let acknowledged = 0; // they come first
    const done = (bytes: number) => {
      const before = Math.min(bytes, acknowledged);
      acknowledged -= before;
      this.#acknowledgements.add(opening.run, bytes - before);
    };
    const options: IngestRunOptions = {
      ...{ opening, ffmpeg_path, media, after },
      plan: runPlan(plan, (captured_at - clock.started_at) / 1000, fps_mode, opening.sound_late),
      onAccepted: done,
      onLost: (bytes) => {
        if (!this.#discarded.has(run)) this.#ignoredBytes += bytes; // those go to the run in its place
        done(bytes);
      },
      onFailed: (error) => {
        if (this.#pending?.ahead?.run === run) {
          this.#discarded.add(run);
          this.#pending.ahead = null;
        } else if (this.#current === run) this.#runFailed(run, error);
      },
      onVideo: (bytes) => {
        this.#options.events.produced();
        if (this.#current === run) this.#transcode.produced(performance.now(), bytes);
      },
    };
    const run: IngestRun = startRun ? startRun(options) : new IngestRun(options);
    return {
      run,
      acknowledged: (bytes) => {
        acknowledged += bytes;
      },
    };
  }

  /** Asks for a fresh run, after a pause, until one comes or there were too many tries. */
  #runFailed({ number, gave_for }: IngestRun, error: FlyBrowserError): void {
    const { stream_id, events } = this.#options;
    log.warning("run {run} of {stream_id} has failed: {error}", { run: number, stream_id, error });
    this.#current = null;
    if (this.#stopped) return;
    this.#transcode.failed(error);
    this.#awaitsRun = true;
    if (this.#recovery.begin(error, gave_for > WELL_AFTER)) events.recovering(error);
  }

  /** Bytes that nobody needs any more: counted, and acknowledged, or the extension would wait for them. */
  #lost(run: number, bytes: number): void {
    this.#ignoredBytes += bytes;
    this.#acknowledgements.add(run, bytes);
  }

  #drain(run: IngestRun): void {
    this.#current = null;
    this.#draining.add(run);
    void run.finish().finally(() => this.#draining.delete(run));
  }
}
