// FlyBrowser: a page of a browser that carries the extension, its stream and its recording. Speaks to the extension only through
// the control API of its host. Never captures or encodes anything.
import type { Page } from "puppeteer-core";
import { FlyBrowserError } from "../protocol/errors.ts";
import {
  parseStartRecordingOptions,
  parseStartStreamOptions,
  type StartRecordingOptions,
  type StartStreamOptions,
} from "../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type StartRecordingResult,
  type StartStreamResult,
  type StopRecordingResult,
  type StopStreamResult,
  type StreamStatus,
  type Task,
} from "../protocol/results.ts";
import { type AgentFunction, type AttachOptions, assertAttachOptions } from "./agent.ts";
import { hostOfPage, stateDirectories } from "./find-host.ts";
import { type DriverOptions, driverOptions, endBrowser, startBrowser } from "./launch.ts";
import type { LaunchOptions } from "./launch-options.ts";
import { Overlay } from "./overlay.ts";
import { PageHost } from "./page-host.ts";
import { PageRecording } from "./page-recording.ts";
import { type AnyPage, type GotoOptions, type GotoResult, targetIdOf } from "./page-target.ts";
import { profileStateDirectory } from "./profile.ts";
import { type RunningTask, TaskBook } from "./task-book.ts";

/** Who the pieces of one {@link FlyBrowser} belong to. */
interface Parts<P extends AnyPage> {
  readonly page: P;
  readonly agent: AgentFunction<P> | undefined;
  readonly show_actions: boolean | undefined;
  readonly directories: readonly string[];
  /** Whether the browser still runs, as far as one can tell. */
  readonly isOpen: () => boolean;
  /** Ends what `launch` began; nothing for a page of the caller's. */
  readonly end: () => Promise<void>;
}

/** A browser page and its live stream. Made by {@link FlyBrowser.launch} or {@link FlyBrowser.attach}. */
export class FlyBrowser<P extends AnyPage = Page> {
  /** The page, of the library that drives it. */
  readonly page: P;
  readonly #parts: Parts<P>;
  readonly #host: PageHost;
  readonly #recording: PageRecording;
  #streamId: string | null = null;
  /** What hears of the tasks: what is captured of the page, for the stream, the recording or both. */
  #capturedId: string | null = null;
  readonly #tasks: TaskBook;
  /** `null`: nothing is drawn. */
  readonly #overlay: Overlay | null;
  readonly #abort = new AbortController();
  #closing: Promise<void> | null = null;

  private constructor(parts: Parts<P>) {
    this.page = parts.page;
    this.#parts = parts;
    const overlay = parts.show_actions ? new Overlay(parts.page) : null;
    this.#overlay = overlay;
    this.#host = new PageHost(async () => hostOfPage(await targetIdOf(parts.page), parts.directories));
    this.#recording = new PageRecording(() => this.#host.client());
    this.#tasks = new TaskBook(() => overlay?.say(this.#tasks.current));
  }

  /**
   * Starts a Chromium with the extension and the host in a throw-away profile; nothing has to be installed by hand.
   * @throws FlyBrowserError `browser_not_found`, `browser_failed`, `not_built`, `package_missing`, `invalid_option`,
   * `unknown_option`; `page_without_extension` when the host doesn't come up.
   */
  static async launch(options: LaunchOptions & AttachOptions<Page> = {}): Promise<FlyBrowser> {
    const { agent, show_actions, ...launchOptions } = options;
    assertAttachOptions({ agent, show_actions });
    const { browser, profile } = await startBrowser(launchOptions);
    try {
      const page = (await browser.pages())[0] ?? (await browser.newPage());
      const flybrowser = new FlyBrowser({
        page,
        agent,
        show_actions,
        directories: [profileStateDirectory(profile)],
        isOpen: () => browser.connected,
        end: () => endBrowser(browser, profile),
      });
      await flybrowser.#host.client();
      return flybrowser;
    } catch (error) {
      await endBrowser(browser, profile);
      throw error;
    }
  }

  /**
   * Takes a page of Puppeteer's or Playwright's whose browser was started with {@link FlyBrowser.launchOptions}.
   * The browser stays the caller's: closing ends only the stream.
   * @throws FlyBrowserError `page_without_extension`, `tab_not_found`, `invalid_option`.
   */
  static async attach<P extends AnyPage>(page: P, options: AttachOptions<P> = {}): Promise<FlyBrowser<P>> {
    assertAttachOptions(options);
    const flybrowser = new FlyBrowser({
      page,
      agent: options.agent,
      show_actions: options.show_actions,
      directories: stateDirectories(),
      isOpen: () => !page.isClosed(),
      end: async () => {},
    });
    await flybrowser.#host.client();
    return flybrowser;
  }

  /**
   * What to give to `puppeteer.launch`, or to Playwright's `chromium.launchPersistentContext(user_data_dir, …)`.
   * The profile is made now and removed when this process ends.
   * @throws FlyBrowserError as {@link FlyBrowser.launch}.
   */
  static launchOptions(options: LaunchOptions = {}): Promise<DriverOptions> {
    return driverOptions(options);
  }

  /** Opens an address, with the options and the result of the page's own `goto`. @throws FlyBrowserError `page_not_reachable`. */
  async goto(url: string, options?: GotoOptions<P>): Promise<GotoResult<P>> {
    try {
      return (await this.page.goto(url, options as never)) as GotoResult<P>;
    } catch (cause) {
      const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/ at \S+$/, "");
      throw new FlyBrowserError("page_not_reachable", { url, reason }, { cause });
    }
  }

  /**
   * Streams the page, and returns when a viewer who opens `player_url` gets a picture.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `stream_already_active`, and what goes wrong on the way.
   */
  async startStream(options: StartStreamOptions = {}): Promise<StartStreamResult> {
    parseStartStreamOptions(options);
    const host = await this.#host.client();
    const result = await host.startStream({ target_id: await targetIdOf(this.page) }, options);
    this.#streamId = result.stream_id;
    await this.#captured(result.stream_id);
    return result;
  }

  /** The state of this page's stream. */
  async getStreamStatus(): Promise<StreamStatus> {
    if (this.#streamId === null || !this.#parts.isOpen()) return NO_STREAM_STATUS;
    await this.#tasks.settled();
    return (await this.#host.client()).getStreamStatus(this.#streamId);
  }

  /** Stops this page's stream and gives its totals; a recording goes on. With nothing running it says so; it never throws for that. */
  async stopStream(): Promise<StopStreamResult> {
    const streamId = this.#streamId;
    if (streamId === null || !this.#parts.isOpen()) return NO_STREAM_STOP;
    await this.#tasks.settled();
    const result = await (await this.#host.client()).stopStream(streamId);
    if (this.#streamId === streamId) {
      this.#streamId = null;
      if (this.#recording.id === null) await this.#captured(null);
    }
    return result;
  }

  /**
   * Records the page, streamed or not, from one encoding for both. It goes on until {@link FlyBrowser.stopRecording},
   * whether streams begin or end meanwhile. A relative `path` is taken from this process's folder.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `recording_already_active`, `recording_path_unusable`,
   * `disk_full`, `unsupported_combination`, and what goes wrong where the page must be captured first.
   */
  async startRecording(options: StartRecordingOptions = {}): Promise<StartRecordingResult> {
    const checked = parseStartRecordingOptions(options);
    const { result, stream_id } = await this.#recording.start({ target_id: await targetIdOf(this.page) }, checked);
    await this.#captured(stream_id);
    return result;
  }

  /**
   * Ends the recording and gives its file once it is made, however long that takes; `onProgress` is told the share that is
   * done, 0 to 1. `error` in the result says why a recording ended before, a full disk for instance.
   * @throws FlyBrowserError `no_active_recording`, `recording_failed`, `host_lost`.
   */
  async stopRecording(onProgress: (share: number) => void = () => {}): Promise<StopRecordingResult> {
    const { id } = this.#recording;
    if (id === null || !this.#parts.isOpen()) throw new FlyBrowserError("no_active_recording");
    await this.#tasks.settled();
    const stopped = async () => {
      if (this.#streamId === null) await this.#captured(null);
    };
    return this.#recording.stop(id, { stopped, progress: onProgress });
  }

  /** The tasks of this page so far, oldest first, with or without a stream; the newest 200. */
  get tasks(): readonly Task[] {
    return this.#tasks.list();
  }

  /**
   * Runs a function as a task that viewers see on the stream's clock, and gives its result. A task that is begun inside is
   * a part of it. What the function throws marks the task failed with its message, and is thrown on. Without a stream
   * the function runs all the same.
   * @throws FlyBrowserError `invalid_option` for an empty name; else what the function throws.
   */
  task<T>(name: string, fn: (task: RunningTask) => T | Promise<T>): Promise<T> {
    return this.#tasks.run(name, fn);
  }

  /**
   * Begins a task where a function is no help; {@link FlyBrowser.endTask} ends it.
   * @throws FlyBrowserError `invalid_option`.
   */
  beginTask(name: string, options: { parent_id?: string | null; detail?: string } = {}): Task {
    return this.#tasks.begin(name, options);
  }

  /**
   * Ends a task, as `done` unless `state` says otherwise; twice harms nothing.
   * @throws FlyBrowserError `task_not_found`, `invalid_option`.
   */
  endTask(task_id: string, end: { state?: "done" | "failed"; detail?: string } = {}): Task {
    return this.#tasks.update(task_id, { state: "done", ...end });
  }

  /**
   * Hands one action over to the function given as `agent`, as a task, and gives what it gives.
   * @throws FlyBrowserError `agent_missing`; else what the agent throws.
   */
  act<R = unknown>(instruction: string): Promise<R> {
    return this.#handOver<R>("act", instruction);
  }

  /**
   * Hands a whole task over to the function given as `agent`, as a task, and gives what it gives.
   * @throws FlyBrowserError `agent_missing`; else what the agent throws.
   */
  agent<R = unknown>(task: string): Promise<R> {
    return this.#handOver<R>("agent", task);
  }

  /** Finishes the recording and stops the stream; a browser that {@link FlyBrowser.launch} started ends, with its profile. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #handOver<R>(kind: "act" | "agent", instruction: string): Promise<R> {
    const { agent } = this.#parts;
    if (!agent) throw new FlyBrowserError("agent_missing", { method: `${kind}()` });
    return this.#tasks.run(instruction, async ({ task_id, note }) => {
      const task: FlyBrowser["task"] = (name, step) => this.task(name, step);
      const context = { browser: this, kind, task_id, task, note, signal: this.#abort.signal };
      return (await agent(instruction, this.page, context)) as R;
    });
  }

  /** The page is captured, or is no more: who hears of the tasks, and whether they are drawn. */
  async #captured(streamId: string | null): Promise<void> {
    if (streamId === this.#capturedId) return;
    this.#capturedId = streamId;
    this.#tasks.connect(streamId === null ? null : this.#host.taskSink(streamId));
    await (streamId === null ? this.#overlay?.stop() : this.#overlay?.start());
  }

  async #close(): Promise<void> {
    this.#abort.abort(new FlyBrowserError("stream_ended", { reason: "the browser is being closed" }));
    try {
      if (this.#recording.id !== null) await this.stopRecording().catch(() => {}); // its media are kept
      await this.stopStream();
    } catch {
      // The host is gone, and the stream with it; the browser must end all the same.
    } finally {
      await this.#parts.end();
    }
  }
}
