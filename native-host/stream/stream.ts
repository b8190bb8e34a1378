// One live stream: its state, its runs, its recovery, its figures. Never knows who views it over which
// protocol, and never starts a capture: it can only ask the extension for a fresh run.
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening, StreamIdentity, Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { RunPlan } from "../ffmpeg/arguments.ts";
import { partLogger } from "../logging.ts";
import type { Packager } from "../packager/packager.ts";
import { Figures } from "./figures.ts";
import { Intake } from "./intake.ts";
import { MediaFeed } from "./media-feed.ts";
import type { StreamOutput } from "./output.ts";
import { PartLatency, type ReadyPart } from "./part-latency.ts";
import type { StreamPlan } from "./plan.ts";
import { Recovery } from "./recovery.ts";
import { playerState, type StreamFacts, startResult, streamInfo } from "./report.ts";
import type { StartRun } from "./run-sequence.ts";
import { isFinal, StateMachine, type StreamState } from "./state-machine.ts";
import { TaskStore } from "./task-store.ts";
import { marksOf, partDuration } from "./timeline.ts";
import { type EncoderChoice, VideoMaker } from "./video-maker.ts";

/** ms between two reports while a stream lives. */
const REPORT_EVERY = 1_000;
/** ms in which a first viewer must be able to see something. */
export const PLAYABLE_WITHIN = 20_000;
/** ms without output, while input is taken, after which a run counts as stuck. */
const STUCK_AFTER = 10_000;
/** ms by which FFmpeg may fall behind: a fresh run begins at what is live, and what was waiting counts as dropped. */
const LATE_AFTER = 8_000;

const log = partLogger("stream");

/** What a stream tells the one that made it. */
export interface StreamEvents {
  chunkAccepted(run: number, bytes: number): void;
  status(info: StreamInfo): void;
  /** `orderly`: the run that is open is well and is to end in order. */
  runNeeded(reason: string, orderly: boolean): void;
  /** The stream is over and can't go on. */
  failed(error: FlyBrowserError): void;
  /** A task began, changed or ended. */
  task?(event: TaskEvent): void;
  /** A part became ready for viewers. */
  part?(part: ReadyPart): void;
}

/** What a {@link Stream} needs. */
export interface StreamOptions {
  readonly identity: StreamIdentity;
  readonly session_id: string;
  readonly options: ResolvedStartStreamOptions;
  readonly tab: Tab;
  readonly packager: Packager;
  readonly ffmpeg_path: string;
  /** This FFmpeg knows `-fps_mode`. */
  readonly fps_mode: boolean;
  readonly encoders: EncoderChoice;
  /** Cores of this machine. */
  readonly cores: number;
  /** Where else it goes; left out: nowhere. The stream connects and closes it. */
  readonly output?: StreamOutput | undefined;
  readonly port: number;
  /** Beginning of every viewing address, without a slash at the end. */
  readonly origin: string;
  readonly events: StreamEvents;
  readonly viewerCount: () => number;
  /** Whether viewing by WebRTC is switched on; left out: it isn't. */
  readonly whep?: boolean;
  /** Replaced in tests. */
  readonly startRun?: StartRun;
}

/** A live stream. */
export class Stream {
  /** The media, for outputs: they read along. */
  readonly feed = new MediaFeed();
  /** What the agent does, on the stream's clock. */
  readonly tasks: TaskStore;
  readonly #options: StreamOptions;
  readonly #machine = new StateMachine();
  readonly #maker: VideoMaker;
  readonly #intake: Intake;
  readonly #figures: Figures;
  readonly #recovery: Recovery;
  readonly #latency: PartLatency;
  readonly #listeners = new Set<() => void>();
  readonly #waiters = new Set<() => void>();
  readonly #reportTimer: NodeJS.Timeout;
  readonly #stopWatching: () => void;
  #connected: boolean;
  #opening: RunOpening | null = null;
  #framesAtOpening = 0;
  #lastInput = 0;
  #tabTitle: string;
  #trouble: FlyBrowserError | null = null;
  #awaitsRun = false;
  #closing: Promise<StreamInfo> | null = null;
  #endedAt: number | null = null;
  #reported = "";

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#tabTitle = options.tab.title;
    const { stream_id, started_at } = options.identity;
    this.tasks = new TaskStore(stream_id);
    this.tasks.onChange((event) => {
      options.packager.setMarks(marksOf(this.tasks.list(), started_at));
      options.events.task?.(event);
    });
    const { events, packager, encoders, cores, output } = options;
    this.#maker = new VideoMaker({
      stream_id: options.identity.stream_id,
      options: options.options,
      encoders,
      cores,
      onSwitch: (reason) => events.runNeeded(reason, true),
    });
    this.#intake = new Intake({
      maker: this.#maker,
      ffmpeg_path: options.ffmpeg_path,
      packager,
      feed: this.feed,
      startRun: options.startRun,
      runPlan: (opening, plan) => this.#runPlan(opening, plan),
      onAccepted: (run, bytes) => events.chunkAccepted(run, bytes),
      onFailed: (run, error) => this.#runFailed(run, error),
      onImpossible: (error) => this.#fail(error),
      onPlanned: () => this.#changed(),
    });
    this.#recovery = new Recovery({
      playable: () => packager.playable,
      ask: (reason) => events.runNeeded(reason, false),
      giveUp: (error) => this.#fail(error),
    });
    this.#figures = new Figures(packager, this.feed, options.viewerCount, Date.now(), options.identity.generation);
    this.#latency = new PartLatency(packager);
    this.#connected = output === undefined;
    if (output) this.#connect(output);
    this.#stopWatching = options.packager.onChange(() => this.#mediaArrived());
    this.#reportTimer = setInterval(() => this.#tick(), REPORT_EVERY);
  }

  get stream_id(): string {
    return this.#options.identity.stream_id;
  }

  get view_token(): string {
    return this.#options.identity.view_token;
  }

  get identity(): StreamIdentity {
    return this.#options.identity;
  }

  get packager(): Packager {
    return this.#options.packager;
  }

  /** The page as it was at the start, with its title as it is now, and the codec that was asked for. */
  get source(): { url: string; title: string; codec: ResolvedStartStreamOptions["codec"] } {
    return { url: this.#options.tab.url, title: this.#tabTitle, codec: this.#options.options.codec };
  }

  /** Whether it is over, one way or the other. */
  get is_over(): boolean {
    return isFinal(this.#machine.state);
  }

  /** Ids of the FFmpegs that work for it now. */
  get ffmpeg_pids(): readonly number[] {
    return this.#intake.ffmpeg_pids;
  }

  /** What keeps it from being well, or has ended it; `null`: nothing. */
  get trouble(): FlyBrowserError | null {
    return this.#trouble;
  }

  /** What the player shows now. */
  state(): PlayerState {
    return playerState(this.#facts());
  }

  /** Calls `listener` when state, size or title changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole status. */
  info(): StreamInfo {
    const now = Date.now();
    const figures = this.#figures.read(now, {
      state: this.#machine.state,
      trouble: this.#trouble?.message ?? null,
      buffer_health: this.#intake.current?.buffer_health ?? null,
      ignored_bytes: this.#intake.ignored_bytes,
      frame_rate: this.#maker.plan?.frame_rate ?? null,
      cap_broken: this.#maker.plan?.cap_broken === true,
      output: this.#options.output?.report ?? null,
    });
    return streamInfo(this.#facts(), figures, this.tasks.list(), this.#endedAt ?? now);
  }

  /** A fresh run begins. */
  openRun(opening: RunOpening): void {
    if (this.is_over || this.#closing) return;
    const asked = this.#awaitsRun || this.#maker.switching;
    const framesBefore = this.packager.stats().frames;
    if (!this.#intake.open(opening)) return;
    this.#recovery.stop();
    if (this.#opening && !asked) this.#figures.captureRestarted();
    this.#awaitsRun = false;
    this.#opening = opening;
    this.#framesAtOpening = framesBefore;
    this.#changed();
  }

  /** Base64 of the next bytes of a run. */
  write(run: number, data: string): void {
    this.#lastInput = Date.now();
    this.#intake.write(run, Buffer.from(data, "base64"));
  }

  /** A run is complete. */
  closeRun(run: number): void {
    this.#intake.close(run);
  }

  /** Frames were lost before they came here. */
  framesDropped(frames: number): void {
    this.#figures.framesDropped(frames);
  }

  /** The tab shows another page. */
  tabChanged(title: string): void {
    this.#tabTitle = title;
    this.#changed();
  }

  /**
   * Resolves when a viewer who opens the player now gets a picture.
   * @throws FlyBrowserError `no_media` after 20 s; what ended the stream, if it ended meanwhile
   */
  async waitUntilPlayable(within: number = PLAYABLE_WITHIN): Promise<StartStreamResult> {
    const deadline = Date.now() + within;
    while (this.#machine.state !== "active" || !this.#connected) {
      if (this.is_over || this.#closing) throw this.#trouble ?? new FlyBrowserError("no_active_stream");
      const left = deadline - Date.now();
      if (left <= 0) throw this.#trouble ?? new FlyBrowserError("no_media", { seconds: within / 1000 });
      await this.#nextStep(left);
    }
    return startResult(this.#facts());
  }

  /** Ends it with all that is under way; gives the last status. Twice is once. */
  close(reason: string): Promise<StreamInfo> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  /** Ends it at once, without the tail. */
  async kill(): Promise<void> {
    if (!this.is_over) this.#end("stopped");
    await Promise.all([this.#intake.kill(), this.#options.output?.close()]);
  }

  async #close(reason: string): Promise<StreamInfo> {
    log.info("{stream_id} is being stopped: {reason}", { stream_id: this.stream_id, reason });
    this.#recovery.stop();
    await this.#intake.finish();
    if (!this.is_over) this.#end("stopped");
    await this.#options.output?.close();
    return this.info();
  }

  #fail(error: FlyBrowserError): void {
    if (this.is_over) return;
    log.error("{stream_id} has failed: {error}", { stream_id: this.stream_id, error });
    this.#trouble = error;
    this.#end("error");
    void this.#intake.kill();
    void this.#options.output?.close();
    this.#options.events.failed(error);
  }

  #end(state: "stopped" | "error"): void {
    this.#endedAt = Date.now();
    this.#recovery.stop();
    clearInterval(this.#reportTimer);
    this.#stopWatching();
    this.packager.end();
    this.feed.end();
    this.#go(state);
  }

  #runFailed(run: number, error: FlyBrowserError): void {
    log.warning("run {run} of {stream_id} has failed: {error}", { run, stream_id: this.stream_id, error });
    if (!this.#intake.drop(run) || this.is_over || this.#closing) return;
    this.#maker.failed(error.message);
    this.#figures.ffmpegRestarted();
    this.#recover(error);
  }

  /** Asks for a fresh run, after a pause, until one comes or there were too many tries. */
  #recover(error: FlyBrowserError): void {
    this.#trouble = error;
    this.#awaitsRun = true;
    if (this.#recovery.begin(error)) this.#go("recovering");
  }

  /** The output must be accepted before the stream counts as started; afterwards it looks after itself. */
  #connect(output: StreamOutput): void {
    output.onChange(() => {
      this.#report();
      this.#changed();
    });
    output.connect().then(
      () => {
        this.#connected = true;
        this.feed.add(output.reader);
        this.#changed();
      },
      (thrown: unknown) => {
        if (!this.#closing) this.#fail(toFlyBrowserError(thrown));
      },
    );
  }

  #mediaArrived(): void {
    const now = Date.now();
    this.#figures.sample(now);
    for (const part of this.#latency.look(now)) this.#options.events.part?.(part);
    const { state } = this.#machine;
    if (state === "active" || this.#awaitsRun || this.is_over || !this.packager.begun) return;
    if (this.packager.stats().frames <= this.#framesAtOpening) return;
    // A stream that came from a host that died is back with its first media.
    if (state === "recovering" || this.#options.identity.generation > 0) this.#figures.recovered(now);
    this.#trouble = null;
    this.#go("active");
    this.#maker.prepare(); // from now on the cap may ask for an encoder at any moment
  }

  #tick(): void {
    const now = Date.now();
    const silence = this.#figures.silence(now);
    const run = this.#intake.current;
    if (run && run.behind > LATE_AFTER) void run.kill("it does not keep up with what comes");
    else if (run && silence > STUCK_AFTER && this.packager.playable && now - this.#lastInput < REPORT_EVERY) {
      void run.kill("it takes media but gives none");
    }
    this.#report();
  }

  #report(): void {
    const info = this.info();
    this.#reported = `${info.state} ${info.health}`;
    this.#options.events.status(info);
  }

  #go(state: StreamState): void {
    if (!this.#machine.go(state)) return;
    log.info("{stream_id} is {state}", { stream_id: this.stream_id, state });
    this.#changed();
    const info = this.info();
    if (`${info.state} ${info.health}` !== this.#reported) this.#report();
  }

  #changed(): void {
    for (const wake of [...this.#waiters]) wake();
    for (const listener of [...this.#listeners]) listener();
  }

  #nextStep(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeout);
      this.#waiters.add(done);
    });
  }

  #runPlan(opening: RunOpening, { video, audio }: StreamPlan): RunPlan {
    const { options, identity, fps_mode } = this.#options;
    return {
      video,
      audio,
      offset: (opening.captured_at - identity.started_at) / 1000,
      fragment_duration: partDuration(options),
      fps_mode,
    };
  }

  #facts(): StreamFacts {
    const { identity, session_id, options, origin, port, whep, output } = this.#options;
    const state = this.#machine.state;
    const ended_at = this.#endedAt;
    return {
      identity,
      session_id,
      options,
      state,
      ended_at,
      plan: this.#maker.plan,
      has_audio: this.#opening?.has_audio ?? null,
      rtmp_url: output?.public_url ?? null,
      origin,
      port,
      tab_title: this.#tabTitle,
      whep: whep === true,
    };
  }
}
