// One captured tab, from its first run to its end: its state, what troubles it, and who waits for it. Its media come by a
// supply (supply.ts); viewers see it only through a publication (publishing.ts), without one it is recorded and nothing else.
// Never knows who views it over which protocol, and never starts a capture: it can only ask the extension for a fresh run.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening, StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import { partLogger } from "../logging.ts";
import { MediaFeed } from "./media-feed.ts";
import type { Publication, PublicationParts, PublishedStream } from "./publication.ts";
import { Publishing } from "./publishing.ts";
import { startResult } from "./report.ts";
import { isFinal, StateMachine, type StreamState } from "./state-machine.ts";
import { StatusReports } from "./status-reports.ts";
import type { StreamOptions } from "./stream-options.ts";
import { Supply } from "./supply.ts";
import { TaskStore } from "./task-store.ts";
import { Waiting } from "./waiting.ts";

/** ms in which a first viewer must be able to see something. */
export const PLAYABLE_WITHIN = 20_000;

const log = partLogger("stream");

/** A captured tab, with or without viewers. */
export class Stream {
  /** The media, for outputs: they read along. */
  readonly feed = new MediaFeed();
  /** What the agent does, on the stream's clock. */
  readonly tasks: TaskStore;
  readonly #options: StreamOptions;
  readonly #machine = new StateMachine();
  readonly #publishing: Publishing;
  readonly #supply: Supply;
  readonly #reports: StatusReports;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Waiting();
  #tabTitle: string;
  #trouble: FlyBrowserError | null = null;
  #closing: Promise<StreamInfo | null> | null = null;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#tabTitle = options.tab.title;
    this.tasks = new TaskStore(options.identity.stream_id);
    this.tasks.onChange((event) => options.events.task?.(event));
    this.#publishing = new Publishing({
      ...options,
      feed: this.feed,
      tasks: this.tasks,
      facts: () => this.#facts(),
      reading: () => ({ ...this.#supply.reading, trouble: this.#trouble?.message ?? null }),
      onChange: (listener) => this.onChange(listener),
      onProgress: () => this.#mediaArrived(),
      onFailed: (error, joined) => (joined ? this.#changed() : this.#fail(error)),
      onEnded: () => this.#changed(),
    });
    this.#supply = new Supply({
      ...options,
      feed: this.feed,
      figures: () => this.#publishing.figures,
      flows: () => this.#publishing.flows,
      onChange: () => this.#changed(),
      onRecovering: (error) => {
        this.#trouble = error;
        this.#go("recovering");
      },
      onFailed: (error) => this.#fail(error),
    });
    this.feed.add({ openRun: () => {}, write: () => this.#mediaArrived() });
    this.#reports = new StatusReports(
      () => this.info(),
      (info) => options.events.status(info),
    );
  }

  get stream_id(): string {
    return this.#options.identity.stream_id;
  }

  /** With the token of its publication, if there is one. */
  get identity(): StreamIdentity {
    return this.publication?.identity ?? this.#options.identity;
  }

  /** What viewers see of it; `null`: nothing. */
  get publication(): Publication | null {
    return this.#publishing.current;
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
    return this.#supply.ffmpeg_pids;
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
    const publication = this.#publishing.begin(parts);
    this.#changed();
    return publication;
  }

  /** Ends what viewers see; the capture goes on. Gives the last status; `null`: there was nothing to see. */
  unpublish(reason: string): Promise<StreamInfo | null> {
    return this.#publishing.end(reason);
  }

  /** Calls `listener` when state, size or title changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole status of what viewers see; `null`: nothing. */
  info(): StreamInfo | null {
    return this.#publishing.info();
  }

  /** A fresh run begins. */
  openRun(opening: RunOpening): void {
    this.#supply.openRun(opening);
  }

  /** Base64 of the next bytes of a run. */
  write(run: number, data: string): void {
    this.#supply.write(run, Buffer.from(data, "base64"));
  }

  /** A run is complete. */
  closeRun(run: number): void {
    this.#supply.closeRun(run);
  }

  /** Frames were lost before they came here. */
  framesDropped(frames: number): void {
    this.#publishing.figures.framesDropped(frames);
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
    const settled = () => !this.publication || this.publication.ready || this.publication.failure !== null;
    await this.#until(() => this.#machine.state === "active" && settled(), within);
    const { publication } = this;
    if (publication?.failure) throw publication.failure;
    if (!publication) throw new FlyBrowserError("no_active_stream");
    return startResult(publication.facts());
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
    await Promise.all([this.#supply.kill(), this.publication?.close()]);
  }

  async #close(reason: string): Promise<StreamInfo | null> {
    log.info("{stream_id} is being stopped: {reason}", { stream_id: this.stream_id, reason });
    await this.#supply.finish();
    if (!this.is_over) this.#end("stopped");
    await this.publication?.close();
    return this.info();
  }

  #fail(error: FlyBrowserError): void {
    if (this.is_over) return;
    log.error("{stream_id} has failed: {error}", { stream_id: this.stream_id, error });
    this.#trouble = error;
    this.#end("error");
    void this.#supply.kill();
    void this.publication?.close();
    this.#options.events.failed(error);
  }

  #end(state: "stopped" | "error"): void {
    this.#supply.stop();
    this.#reports.close();
    this.publication?.end(state);
    this.feed.end();
    this.#go(state);
  }

  #mediaArrived(): void {
    const { state } = this.#machine;
    if (state === "active" && this.#waiting.any) this.#changed(); // a publication that has begun
    if (state === "active" || this.#supply.awaits_run || this.is_over) return;
    if (this.publication && !this.publication.packager.begun) return;
    const { figures } = this.#publishing;
    if (!figures.moves) return;
    // A stream that came from a host that died is back with its first media.
    if (state === "recovering" || this.#options.identity.generation > 0) figures.recovered(Date.now());
    this.#trouble = null;
    this.#go("active");
    this.#supply.prepare();
  }

  #go(state: StreamState): void {
    if (!this.#machine.go(state)) return;
    log.info("{stream_id} is {state}", { stream_id: this.stream_id, state });
    this.#changed();
    this.#reports.changed();
  }

  #changed(): void {
    this.#waiting.wake();
    for (const listener of [...this.#listeners]) listener();
  }

  #facts(): ReturnType<PublishedStream["facts"]> {
    const { session_id, origin, port, whep } = this.#options;
    return {
      session_id,
      state: this.#machine.state,
      plan: this.#supply.plan,
      has_audio: this.#supply.has_audio,
      origin,
      port,
      tab_title: this.#tabTitle,
      whep: whep === true,
    };
  }
}
