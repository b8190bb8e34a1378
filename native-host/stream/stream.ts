// One captured tab, from its first run to its end: its state, what troubles it, and who waits for it. Its media come from its
// ingest and go to the sinks on its fan-out; viewers see it only through a publication, without one it is recorded and nothing else.
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import {
  type CreateLinkResult,
  type LinkStatus,
  parseLinkOptions,
  type RevokeLinkResult,
} from "../../protocol/links.ts";
import type { StreamIdentity, Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions, Share } from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";
import type {
  CaptureCondition,
  PlaybackQuality,
  StartStreamResult,
  StreamInfo,
  StreamRecording,
} from "../../protocol/results.ts";
import { StartTrace } from "../../protocol/start-trace.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import { Ingest, type IngestOptions } from "../ingest/ingest.ts";
import { partLogger } from "../logging.ts";
import { FanOut } from "../media/fan-out.ts";
import { StreamClock } from "../media/stream-clock.ts";
import { Condition } from "./condition.ts";
import { keepsSize } from "./destination.ts";
import { judgeHealth } from "./health.ts";
import { MetricsCollector } from "./metrics-collector.ts";
import { Publication, type PublicationOptions } from "./publication.ts";
import { type CaptureFacts, startResult, streamInfo } from "./report.ts";
import { isFinal, StateMachine, type StreamState } from "./state-machine.ts";
import { StatusReports } from "./status-reports.ts";
import { TabState } from "./tab-state.ts";
import { TaskStore } from "./task-store.ts";

/** ms in which a first viewer must be able to see something. */
export const PLAYABLE_WITHIN = 20_000;

/** ms in which viewers must see another quality, once it is captured. */
const QUALITY_WITHIN = 10_000;

/** Percent of the queue towards FFmpeg that is free: with less the source is short of CPU, and no rung is made. */
const STRAINED = 50;

const log = partLogger("stream");

/** What a stream tells the one that made it. */
export interface StreamEvents {
  chunkAccepted(run: number, bytes: number, eager: boolean): void;
  status(info: StreamInfo): void;
  /** `orderly`: the run that is open is well and is to end in order. */
  runNeeded(reason: string, orderly: boolean): void;
  /** The stream is over and can't go on. */
  failed(error: FlyBrowserError): void;
  /** A task began, changed or ended. */
  task?(event: TaskEvent): void;
  /** A part of a rendition became ready for viewers, so many s after the capture of its beginning. */
  part?(rendition_id: string, seconds: number): void;
}

/** What a stream needs. */
export interface StreamOptions
  extends Pick<IngestOptions, "options" | "ffmpeg_path" | "fps_mode" | "encoders" | "cores" | "startRun"> {
  readonly identity: StreamIdentity;
  readonly session_id: string;
  readonly tab: Tab;
  /** What another host told of it last, whose counters go on here; left out: it is new. */
  readonly last?: StreamInfo | null;
  /** Its tab is private; left out: it isn't. */
  readonly private?: boolean;
  readonly port: number;
  readonly events: StreamEvents;
  readonly viewerCount: () => number;
  /** What viewers' players report; `null`: none does. */
  readonly playback: () => PlaybackQuality | null;
  /** How many of them came by a link. */
  readonly linkViewers: (link_id: string) => number;
  /** The recording of this tab; left out: there is none. */
  readonly recording?: () => StreamRecording | null;
  /** Whether viewing by WebRTC is switched on; left out: it isn't. */
  readonly whep?: boolean;
  /** A cache that many viewers share stands in front. Left out: none does. */
  readonly shared_cache?: boolean;
  /** Addresses of pages are shown and stored with query and fragment; left out: without. */
  readonly whole_addresses?: boolean;
}

/** A captured tab, with or without viewers. */
export class Stream {
  /** The media, for sinks. */
  readonly media = new FanOut();
  /** Media and tasks stand on it. */
  readonly clock: StreamClock;
  /** Takes the browser's bytes. */
  readonly ingest: Ingest;
  /** The tab itself. */
  readonly tab: TabState;
  /** What the agent does, on the stream's clock. */
  readonly tasks: TaskStore;
  readonly #options: StreamOptions;
  /** When the steps of its start were done. */
  readonly trace = new StartTrace();
  readonly #machine: StateMachine;
  readonly #reports: StatusReports;
  readonly #changes = new Emitter();
  readonly #condition = new Condition();
  #metrics: MetricsCollector;
  #publication: Publication | null = null;
  #capture: CaptureCondition = "running";
  #trouble: FlyBrowserError | null = null;
  #closing: Promise<StreamInfo | null> | null = null;

  constructor(options: StreamOptions) {
    this.#options = options;
    const { identity, events } = options;
    this.tab = new TabState({
      ...options,
      stream_id: identity.stream_id,
      changed: (soon) => {
        if (this.is_over) return;
        this.#changed();
        if (soon) this.#reports.changed();
      },
    });
    this.#machine = new StateMachine(identity.generation > 0 ? "recovering" : "initializing");
    this.clock = new StreamClock(identity);
    this.#metrics = this.#newMetrics(options.last ?? null);
    this.tasks = new TaskStore(identity.stream_id, this.clock);
    this.tasks.onChange((event) => events.task?.(event));
    this.media.attach({
      name: "status",
      openRun: () => {
        this.trace.mark("keyframe");
        this.#metrics.openRun();
      },
      write: (unit) => {
        this.#metrics.write(unit);
        this.#advance();
      },
    });
    this.ingest = new Ingest({
      ...options,
      ...{ stream_id: identity.stream_id, clock: this.clock, media: this.media },
      silence: () => this.#metrics.silence(),
      keepsSize: () => keepsSize(this.#publication?.destinations.statuses ?? []),
      playable: () => (this.#publication ? this.#publication.packager.playable : this.media.begun),
      events: {
        accepted: (run, bytes) => events.chunkAccepted(run, bytes, (this.#publication?.live.viewers ?? 0) > 0),
        runNeeded: (reason, orderly) => events.runNeeded(reason, orderly),
        opened: (unasked) => {
          this.#metrics.captureBegins(unasked);
          this.#changed();
        },
        changed: (streamOptions) => {
          log.info("{stream_id} is {quality} from now on", { stream_id: this.stream_id, ...streamOptions });
          this.#publication?.become(streamOptions);
        },
        planned: () => {
          this.trace.mark("planned");
          this.#changed();
          if (this.#machine.state === "active") this.#reports.changed();
        },
        produced: () => this.trace.mark("ffmpeg"),
        recovering: (error) => {
          this.#metrics.ffmpegRestarted();
          this.#trouble = error;
          this.#go("recovering");
        },
        failed: (error) => this.fail(error),
      },
    });
    this.#reports = new StatusReports(
      () => this.info(),
      (info) => events.status(info),
    );
  }

  get stream_id(): string {
    return this.#options.identity.stream_id;
  }

  /** With the token of its publication, if there is one, its links, and what is missing of its media by now. */
  get identity(): StreamIdentity {
    const publication = this.#publication;
    if (!publication) return this.#options.identity;
    const { identity, links, packager } = publication;
    return { ...identity, links: [...links.stored], missing: packager.missing };
  }

  /** What viewers see of it; `null`: nothing. */
  get publication(): Publication | null {
    return this.#publication;
  }

  /** The page as it was at the start, its address as it may be shown, with its title as it is now, and the codec that was asked for. */
  get source(): { url: string; title: string; codec: ResolvedStartStreamOptions["codec"] } {
    return { url: this.tab.url, title: this.tab.title, codec: this.#options.options.codec };
  }

  /** Whether it is over, one way or the other. */
  get is_over(): boolean {
    return isFinal(this.#machine.state);
  }

  /** What keeps it from being well, or has ended it; `null`: nothing. */
  get trouble(): FlyBrowserError | null {
    return this.#trouble;
  }

  /**
   * Lets viewers in: from the last keyframe on, and not to what was before.
   * @throws FlyBrowserError `stream_already_active`; what ended the stream, if it has ended
   */
  publish(options: PublicationOptions): Publication {
    if (this.is_over || this.#closing !== null) throw this.#trouble ?? new FlyBrowserError("no_active_stream");
    if (this.#publication) throw new FlyBrowserError("stream_already_active");
    // One that is recorded already: what fails of its publication must not end it.
    const joined = this.media.begun;
    if (joined) this.#metrics = this.#newMetrics();
    const publication = new Publication(options, {
      ...{ media: this.media, clock: this.clock, tasks: this.tasks },
      facts: () => this.#facts(),
      onChange: (listener) => this.onChange(listener),
    });
    if (publication.rungs) publication.rungs.strained = () => (this.ingest.buffer_health ?? 100) < STRAINED;
    publication.onProgress(() => this.#advance());
    publication.onFailure((error) => (joined ? this.#changed() : this.fail(error)));
    publication.onPart(({ rendition_id, start }) => {
      const captured_at = options.packager.started_at + start;
      this.#options.events.part?.(rendition_id, (this.clock.now - captured_at) / 1000);
    });
    this.#publication = publication;
    publication.begin();
    this.#changed();
    return publication;
  }

  /** Ends what viewers see; the capture goes on. Gives the last status; `null`: there was nothing to see. */
  async unpublish(reason: string): Promise<StreamInfo | null> {
    const publication = this.#publication;
    if (!publication) return null;
    log.info("{stream_id} is seen no more: {reason}", { stream_id: this.stream_id, reason });
    publication.end("stopped", true);
    const info = this.#infoOf(publication);
    this.#publication = null;
    this.#metrics = this.#newMetrics();
    this.#options.events.status(info);
    this.#changed();
    await publication.close();
    return { ...info, destinations: publication.destinations.statuses };
  }

  /** Calls `listener` when state, size or title changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /**
   * Changes who can open the links.
   * @throws FlyBrowserError `no_active_stream`; `share_unavailable`, `setting_invalid`: it is as it was
   */
  async setSharing(share: Share): Promise<StreamInfo> {
    const publication = this.#published();
    await publication.sharing.set(share);
    return this.#infoOf(publication);
  }

  /** Makes a link. @throws FlyBrowserError `no_active_stream`, `too_many_links`, `invalid_option`, `unknown_option` */
  createLink(input: unknown): CreateLinkResult {
    const { links } = this.#published();
    const link_id = links.create(parseLinkOptions(input));
    const { player_url, expires_at } = this.#linksOf(this.#published()).find(
      (link) => link.link_id === link_id,
    ) as LinkStatus;
    return { link_id, player_url, expires_at };
  }

  /** Ends a link, and what is open by it. @throws FlyBrowserError `no_active_stream`, `link_not_found` */
  revokeLink(link_id: string): RevokeLinkResult {
    this.#published().links.revoke(link_id);
    return { link_id, revoked: true };
  }

  /** The whole status of what viewers see; `null`: nothing. */
  info(): StreamInfo | null {
    return this.#publication && this.#infoOf(this.#publication);
  }

  /** The browser's encoder was given so many more frames; for so many ms the tab has shown something else. */
  framesCaptured(frames: number, unseen: number): void {
    this.#metrics.framesCaptured(frames, unseen);
  }

  /** Frames were lost before they reached the host. */
  framesDropped(frames: number): void {
    this.#metrics.framesDropped(frames);
  }

  /** The capture or its page has gone, or is back: then it is active with the next video. */
  captureChanged(capture: CaptureCondition): void {
    if (this.is_over || capture === this.#capture) return;
    log.info("the capture of {stream_id} is {capture}", { stream_id: this.stream_id, capture });
    this.#capture = capture;
    if (capture === "running") this.#metrics.captureResumes();
    else this.#go("recovering");
    this.#changed();
  }

  /**
   * Resolves when a viewer who opens the player now gets a picture.
   * @throws FlyBrowserError `no_media` after 20 s; what ended the stream, if it ended meanwhile
   */
  async waitUntilPlayable(within: number = PLAYABLE_WITHIN): Promise<StartStreamResult> {
    const settled = () => {
      const publication = this.#publication;
      return !publication || publication.ready || publication.failure !== null;
    };
    await this.#until(() => this.#machine.state === "active" && settled(), within);
    const publication = this.#publication;
    if (!publication) throw new FlyBrowserError("no_active_stream");
    if (publication.failure) throw publication.failure;
    this.trace.mark("answered");
    return startResult(publication.facts());
  }

  /**
   * Its quality is to be changed: it has these options from the first run of that quality on.
   * @throws FlyBrowserError `no_active_stream`
   */
  prepareQuality(options: ResolvedStartStreamOptions): void {
    this.#published();
    this.ingest.expect(options);
  }

  /**
   * Resolves when viewers get a picture in this quality, with the status as it is then.
   * @throws FlyBrowserError `no_media` after 10 s; what ended the stream, if it ended meanwhile
   */
  async waitUntilQuality(quality: Quality): Promise<StreamInfo> {
    const shown = () => this.ingest.options.quality === quality && this.ingest.planned && this.#metrics.moves;
    await this.#until(() => this.#machine.state === "active" && shown(), QUALITY_WITHIN);
    return this.#infoOf(this.#published());
  }

  /**
   * Resolves when there are media to record.
   * @throws FlyBrowserError as {@link waitUntilPlayable}
   */
  waitUntilRecordable(within: number = PLAYABLE_WITHIN): Promise<void> {
    return this.#until(() => this.#machine.state === "active" && this.media.run !== null, within);
  }

  /** Ends it with all that is under way; gives the last status of what viewers saw, if they saw any. Twice is once. */
  close(reason: string): Promise<StreamInfo | null> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  /** Ends it at once, without the tail. */
  async kill(): Promise<void> {
    if (!this.is_over) this.#end("stopped");
    await Promise.all([this.ingest.kill(), this.#publication?.close()]);
  }

  /** Ends it with an error. Idempotent. */
  fail(error: FlyBrowserError): void {
    if (this.is_over) return;
    log.error("{stream_id} has failed: {error}", { stream_id: this.stream_id, error });
    this.#trouble = error;
    this.#end("error");
    void this.ingest.kill();
    void this.#publication?.close();
    this.#options.events.failed(error);
  }

  async #close(reason: string): Promise<StreamInfo | null> {
    log.info("{stream_id} is being stopped: {reason}", { stream_id: this.stream_id, reason });
    await this.ingest.finish();
    await this.#publication?.rungs?.settled();
    if (!this.is_over) this.#end("stopped");
    await this.#publication?.close();
    return this.info();
  }

  #until(condition: () => boolean, within: number): Promise<void> {
    return this.#condition.until(condition, within, {
      hopeless: () =>
        this.is_over || this.#closing !== null ? (this.#trouble ?? new FlyBrowserError("no_active_stream")) : null,
      late: () => this.#trouble ?? new FlyBrowserError("no_media", { seconds: within / 1000 }),
    });
  }

  #end(state: "stopped" | "error"): void {
    this.ingest.stop();
    this.#reports.close();
    this.#publication?.end(state);
    this.media.end();
    this.#go(state);
  }

  /** There is more to see: the stream may be active by now. */
  #advance(): void {
    const { state } = this.#machine;
    if (state === "active" && this.#condition.any) this.#changed(); // a publication that has begun
    if (state === "active" || this.ingest.awaits_run || this.#capture !== "running" || this.is_over) return;
    if (this.#publication && !this.#publication.packager.begun) return;
    this.trace.mark("part");
    if (!this.#metrics.moves) return;
    // A stream that came from a host that died is back with its first media.
    if (state === "recovering" || this.#options.identity.generation > 0) this.#metrics.recovered();
    this.#trouble = null;
    this.#go("active");
    this.ingest.prepare();
  }

  #go(state: StreamState): void {
    if (!this.#machine.go(state)) return;
    log.info("{stream_id} is {state}", { stream_id: this.stream_id, state });
    this.#changed();
    this.#reports.changed();
  }

  #changed(): void {
    this.#condition.wake();
    this.#changes.emit();
  }

  #newMetrics(last: StreamInfo | null = null): MetricsCollector {
    return new MetricsCollector(this.clock, this.#options.identity.generation, last);
  }

  #facts(): CaptureFacts {
    const { session_id, port, whep, shared_cache } = this.#options;
    return {
      ...{ session_id, port },
      state: this.#machine.state,
      capture: this.#capture,
      private: this.tab.private,
      muted: this.tab.muted,
      place: this.tab.place,
      plan: this.ingest.plan,
      has_audio: this.ingest.has_audio,
      tab_title: this.tab.title,
      whep: whep === true,
      shared_cache: shared_cache === true,
    };
  }

  /** @throws FlyBrowserError `no_active_stream` */
  #published(): Publication {
    if (!this.#publication || this.is_over) throw new FlyBrowserError("no_active_stream");
    return this.#publication;
  }

  #linksOf({ links, sharing: { base } }: Publication): LinkStatus[] {
    return links.statuses({ base, viewers: this.#options.linkViewers });
  }

  #infoOf(publication: Publication): StreamInfo {
    const facts = publication.facts();
    const { buffer_health, ignored_bytes, plan } = this.ingest;
    const { totals, troubles, advice } = publication.destinations;
    const measured = this.#metrics.read({ buffer_health, ignored_bytes, destinations: totals });
    const health = judgeHealth({
      ...measured,
      silent_audio: measured.silent_audio && !this.tab.private,
      published_silence: publication.silence,
      ...{ state: facts.state, capture: facts.capture, place: facts.place, buffer_health },
      muted: facts.muted && facts.has_audio !== false ? publication.options.muted_tab : null,
      follows: publication.options.follow === "active",
      ...{ destination_troubles: troubles, destination_advice: advice, sinks: this.media.reports },
      sharing_trouble: publication.sharing.trouble,
      rungs_refused: publication.rungs?.refusal ?? null,
      frame_rate: plan?.frame_rate ?? null,
      cap_broken: plan?.cap_broken === true,
      current_fps: measured.metrics.current_fps,
      trouble: this.#trouble?.sentence ?? null,
    });
    return streamInfo(facts, {
      ...{ health, measured },
      viewer_count: this.#options.viewerCount(),
      playback: this.#options.playback(),
      links: this.#linksOf(publication),
      control: publication.control.status,
      tasks: publication.tasks.list(),
      tasks_forgotten: this.tasks.forgotten,
      recording: this.#options.recording?.() ?? null,
      uptime: publication.uptime,
    });
  }
}
