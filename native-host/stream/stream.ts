// One captured tab: its state, its runs, its recovery. Viewers see it only through a publication (publication.ts); without
// one it is recorded and nothing else. Never knows who views it over which protocol, and never starts a capture: it can
// only ask the extension for a fresh run.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening, StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import type { RunPlan } from "../ffmpeg/arguments.ts";
import { partLogger } from "../logging.ts";
import { Figures } from "./figures.ts";
import { Intake } from "./intake.ts";
import { MediaFeed } from "./media-feed.ts";
import type { StreamPlan } from "./plan.ts";
import { Publication, type PublicationParts, type PublishedStream } from "./publication.ts";
import { Recovery } from "./recovery.ts";
import { startResult, streamInfo } from "./report.ts";
import { isFinal, StateMachine, type StreamState } from "./state-machine.ts";
import type { StreamOptions } from "./stream-options.ts";
import { TaskStore } from "./task-store.ts";
import { partDuration } from "./timeline.ts";
import { VideoMaker } from "./video-maker.ts";
import { Waiting } from "./waiting.ts";

/** ms between two reports while a stream lives. */
const REPORT_EVERY = 1_000;
/** ms in which a first viewer must be able to see something. */
export const PLAYABLE_WITHIN = 20_000;
/** ms without output, while input is taken, after which a run counts as stuck. */
const STUCK_AFTER = 10_000;
/** ms by which FFmpeg may fall behind: a fresh run begins at what is live, and what was waiting counts as dropped. */
const LATE_AFTER = 8_000;

const log = partLogger("stream");

/** A captured tab, with or without viewers. */
export class Stream {
  /** The media, for outputs: they read along. */
  readonly feed = new MediaFeed();
  /** What the agent does, on the stream's clock. */
  readonly tasks: TaskStore;
  readonly #options: StreamOptions;
  readonly #machine = new StateMachine();
  readonly #maker: VideoMaker;
  readonly #intake: Intake;
  #figures: Figures;
  readonly #recovery: Recovery;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Waiting();
  readonly #reportTimer: NodeJS.Timeout;
  #publication: Publication | null = null;
  #opening: RunOpening | null = null;
  #framesAtOpening = 0;
  #lastInput = 0;
  #tabTitle: string;
  #trouble: FlyBrowserError | null = null;
  #awaitsRun = false;
  #closing: Promise<StreamInfo | null> | null = null;
  #reported = "";

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#tabTitle = options.tab.title;
    this.tasks = new TaskStore(options.identity.stream_id);
    this.tasks.onChange((event) => options.events.task?.(event));
    const { events, encoders, cores } = options;
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
      feed: this.feed,
      startRun: options.startRun,
      runPlan: (opening, plan) => this.#runPlan(opening, plan),
      onAccepted: (run, bytes) => events.chunkAccepted(run, bytes),
      onFailed: (run, error) => this.#runFailed(run, error),
      onImpossible: (error) => this.#fail(error),
      onPlanned: () => this.#changed(),
    });
    this.#recovery = new Recovery({
      playable: () => this.#flows,
      ask: (reason) => events.runNeeded(reason, false),
      giveUp: (error) => this.#fail(error),
    });
    this.#figures = this.#newFigures();
    this.feed.add({ openRun: () => {}, write: () => this.#mediaArrived() });
    this.#reportTimer = setInterval(() => this.#tick(), REPORT_EVERY);
  }

  get stream_id(): string {
    return this.#options.identity.stream_id;
  }

  /** With the token of its publication, if there is one. */
  get identity(): StreamIdentity {
    return this.#publication?.identity ?? this.#options.identity;
  }

  /** What viewers see of it; `null`: nothing. */
  get publication(): Publication | null {
    return this.#publication;
  }

  /** How it is encoded. */
  get options(): ResolvedStartStreamOptions {
    return this.#options.options;
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

  /**
   * Lets viewers in: from the last keyframe on, and not to what was before.
   * @throws FlyBrowserError `stream_already_active`; what ended the stream, if it has ended
   */
  publish(parts: PublicationParts): Publication {
    if (this.is_over || this.#closing) throw this.#trouble ?? new FlyBrowserError("no_active_stream");
    if (this.#publication) throw new FlyBrowserError("stream_already_active");
    // One that is recorded already: what fails of its publication must not end it.
    const joined = this.feed.begun;
    if (joined) this.#measureAnew();
    this.#publication = new Publication(parts, {
      feed: this.feed,
      tasks: this.tasks,
      figures: this.#figures,
      facts: () => this.#facts(),
      onChange: (listener) => this.onChange(listener),
      onProgress: () => this.#mediaArrived(),
      onPart: (part) => this.#options.events.part?.(part),
      onFailed: (error) => (joined ? this.#changed() : this.#fail(error)),
    });
    this.#changed();
    return this.#publication;
  }

  /** Ends what viewers see; the capture goes on. Gives the last status; `null`: there was nothing to see. */
  async unpublish(reason: string): Promise<StreamInfo | null> {
    const publication = this.#publication;
    if (!publication) return null;
    log.info("{stream_id} is seen no more: {reason}", { stream_id: this.stream_id, reason });
    publication.end("stopped", true);
    const info = this.#infoOf(publication);
    this.#publication = null;
    this.#measureAnew();
    this.#options.events.status(info);
    this.#changed();
    await publication.close();
    return info;
  }

  /** Calls `listener` when state, size or title changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole status of what viewers see; `null`: nothing. */
  info(): StreamInfo | null {
    return this.#publication && this.#infoOf(this.#publication);
  }

  #infoOf(publication: Publication): StreamInfo {
    const now = Date.now();
    const facts = publication.facts();
    const figures = publication.figures.read(now, {
      state: facts.state,
      trouble: this.#trouble?.message ?? null,
      buffer_health: this.#intake.current?.buffer_health ?? null,
      ignored_bytes: this.#intake.ignored_bytes,
      frame_rate: this.#maker.plan?.frame_rate ?? null,
      cap_broken: this.#maker.plan?.cap_broken === true,
      output: publication.output?.report ?? null,
    });
    const recording = this.#options.recording?.() ?? null;
    return streamInfo(facts, figures, publication.tasks.list(), recording, publication.ended_at ?? now);
  }

  /** A fresh run begins. */
  openRun(opening: RunOpening): void {
    if (this.is_over || this.#closing) return;
    const asked = this.#awaitsRun || this.#maker.switching;
    if (!this.#intake.open(opening)) return;
    this.#recovery.stop();
    if (this.#opening && !asked) this.#figures.captureRestarted();
    this.#awaitsRun = false;
    this.#opening = opening;
    this.#framesAtOpening = this.#figures.frames;
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
    const settled = () => this.#publication === null || this.#publication.ready || this.#publication.failure !== null;
    await this.#until(() => this.#machine.state === "active" && settled(), within);
    if (this.#publication?.failure) throw this.#publication.failure;
    if (!this.#publication) throw new FlyBrowserError("no_active_stream");
    return startResult(this.#publication.facts());
  }

  /**
   * Resolves when there are media to record.
   * @throws FlyBrowserError as {@link waitUntilPlayable}
   */
  waitUntilRecordable(within: number = PLAYABLE_WITHIN): Promise<void> {
    return this.#until(() => this.#machine.state === "active" && this.feed.run !== null, within);
  }

  #until(condition: () => boolean, within: number): Promise<void> {
    return this.#waiting.until(condition, within, {
      hopeless: () =>
        this.is_over || this.#closing ? (this.#trouble ?? new FlyBrowserError("no_active_stream")) : null,
      late: () => this.#trouble ?? new FlyBrowserError("no_media", { seconds: within / 1000 }),
    });
  }

  /** Ends it with all that is under way; gives the last status of what viewers saw, if they saw any. Twice is once. */
  close(reason: string): Promise<StreamInfo | null> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  /** Ends it at once, without the tail. */
  async kill(): Promise<void> {
    if (!this.is_over) this.#end("stopped");
    await Promise.all([this.#intake.kill(), this.#publication?.close()]);
  }

  async #close(reason: string): Promise<StreamInfo | null> {
    log.info("{stream_id} is being stopped: {reason}", { stream_id: this.stream_id, reason });
    this.#recovery.stop();
    await this.#intake.finish();
    if (!this.is_over) this.#end("stopped");
    await this.#publication?.close();
    return this.info();
  }

  #fail(error: FlyBrowserError): void {
    if (this.is_over) return;
    log.error("{stream_id} has failed: {error}", { stream_id: this.stream_id, error });
    this.#trouble = error;
    this.#end("error");
    void this.#intake.kill();
    void this.#publication?.close();
    this.#options.events.failed(error);
  }

  #end(state: "stopped" | "error"): void {
    this.#recovery.stop();
    clearInterval(this.#reportTimer);
    this.#publication?.end(state);
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

  /** There was a picture already, and whoever is to see it could. */
  get #flows(): boolean {
    return this.#publication ? this.#publication.packager.playable : this.feed.begun;
  }

  #measureAnew(): void {
    this.#figures.close();
    this.#figures = this.#newFigures();
    this.#framesAtOpening = 0;
  }

  #newFigures(): Figures {
    const { viewerCount, identity } = this.#options;
    return new Figures(this.feed, viewerCount, Date.now(), identity.generation);
  }

  #mediaArrived(): void {
    const { state } = this.#machine;
    if (state === "active" && this.#waiting.any) this.#changed(); // a publication that has begun
    if (state === "active" || this.#awaitsRun || this.is_over) return;
    if (this.#publication && !this.#publication.packager.begun) return;
    const now = Date.now();
    if (this.#figures.frames <= this.#framesAtOpening) return;
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
    else if (run && silence > STUCK_AFTER && this.#flows && now - this.#lastInput < REPORT_EVERY) {
      void run.kill("it takes media but gives none");
    }
    this.#report();
  }

  #report(): void {
    const info = this.info();
    if (!info) return;
    this.#reported = `${info.state} ${info.health}`;
    this.#options.events.status(info);
  }

  #go(state: StreamState): void {
    if (!this.#machine.go(state)) return;
    log.info("{stream_id} is {state}", { stream_id: this.stream_id, state });
    this.#changed();
    const info = this.info();
    if (info && `${info.state} ${info.health}` !== this.#reported) this.#report();
  }

  #changed(): void {
    this.#waiting.wake();
    for (const listener of [...this.#listeners]) listener();
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

  #facts(): ReturnType<PublishedStream["facts"]> {
    const { session_id, origin, port, whep } = this.#options;
    return {
      session_id,
      state: this.#machine.state,
      plan: this.#maker.plan,
      has_audio: this.#opening?.has_audio ?? null,
      origin,
      port,
      tab_title: this.#tabTitle,
      whep: whep === true,
    };
  }
}
