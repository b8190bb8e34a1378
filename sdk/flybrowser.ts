// FlyBrowser: one page of a browser that has the extension, with its stream, its recording and its tasks. Everything goes
// through the control API of the browser's host.
import type { Page } from "puppeteer-core";
import { type ClipOptions, type ClipResult, parseClipOptions } from "../protocol/clips.ts";
import { type HandOffOptions, type HandOffResult, parseHandOffOptions } from "../protocol/control-messages.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import {
  type CreateLinkOptions,
  type CreateLinkResult,
  parseLinkOptions,
  type RevokeLinkResult,
} from "../protocol/links.ts";
import {
  type DestinationOptions,
  parseDestination,
  parseQuality,
  parseShare,
  parseStartRecordingOptions,
  parseStartStreamOptions,
  type Share,
  type StartRecordingOptions,
  type StartStreamOptions,
} from "../protocol/options.ts";
import type { Quality } from "../protocol/profiles.ts";
import {
  type DestinationStatusInWords as DestinationStatus,
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type StartRecordingResult,
  type StartStreamResultInWords as StartStreamResult,
  type StopRecordingResultInWords as StopRecordingResult,
  type StopStreamResultInWords as StopStreamResult,
  type StreamInfoInWords as StreamInfo,
  type StreamStatusInWords as StreamStatus,
  type Task,
} from "../protocol/results.ts";
import { sentence } from "../protocol/sentence.ts";
import { shownAddress } from "../protocol/shown-address.ts";
import { grantCapture, withGrant } from "./capture-grant.ts";
import { ExtensionWatch } from "./extension-watch.ts";
import { type DriverOptions, driverOptions, endBrowser, restartExtension, startBrowser } from "./launch.ts";
import { assertAttachOptions, assertLaunchNames, assertPage, type LaunchOptions } from "./launch-options.ts";
import { type MaskOptions, splitMask } from "./mask.ts";
import { PageControl } from "./page-control.ts";
import { hostOfPage, PageHost, stateDirectories } from "./page-host.ts";
import { PageRecording } from "./page-recording.ts";
import { PageStream } from "./page-stream.ts";
import { type AnyPage, assertSameContext, type GotoOptions, type GotoResult, targetIdOf } from "./page-target.ts";
import { PageView } from "./page-view.ts";
import { profileStateDirectory } from "./profile.ts";
import { hasLoaded, prepareBrowser } from "./running-browser.ts";
import { parseTaskOptions, type TaskOptions, type TaskWithClip } from "./task-options.ts";
import { type TaskFunction, TaskRunner } from "./task-runner.ts";
import { type RunningTask, TaskTracker } from "./task-tracker.ts";

/** What an {@link AgentFunction} gets besides the instruction and the page. */
export interface AgentContext<P extends AnyPage> {
  readonly browser: FlyBrowser<P>;
  /** `act`: a single action. `agent`: a whole task, in as many steps as it takes. */
  readonly kind: "act" | "agent";
  /** The task that viewers see for this call. */
  readonly task_id: string;
  /** Runs a step as a task inside that one. */
  readonly task: <T>(name: string, step: (task: RunningTask) => T | Promise<T>) => Promise<T>;
  /** Tells viewers what is being done at the moment. */
  readonly note: (detail: string) => void;
  /** Aborted when the browser is closed: stop asking the model then. */
  readonly signal: AbortSignal;
}

/**
 * Carries out an instruction on a page: Stagehand, browser-use over HTTP, or a loop of your own. `act` and `agent` give what it
 * gives and throw what it throws.
 */
export type AgentFunction<P extends AnyPage> = (
  instruction: string,
  page: P,
  context: AgentContext<P>,
) => unknown | Promise<unknown>;

/** Options of {@link FlyBrowser.attach}. */
export interface AttachOptions<P extends AnyPage> {
  /** Carries out what `act` and `agent` are asked for. */
  readonly agent?: AgentFunction<P>;
  /**
   * Draws pointer, clicks and the current task over the page while it is streamed or recorded. Neither the page nor selectors
   * can find the nodes; screenshots show them. Off by default.
   */
  readonly show_actions?: boolean;
}

/** Name of the task of a private instruction. */
const PRIVATE_TASK = "Private";

/** Options of {@link FlyBrowser.startStream}. */
export type PageStreamOptions = StartStreamOptions &
  MaskOptions & {
    /** Whoever has a link with `allow: "control"` may take over at any time, without being asked. Off by default. */
    readonly allow_control?: boolean;
  };

interface Dependencies<P extends AnyPage> {
  readonly page: P;
  readonly agent: AgentFunction<P> | undefined;
  readonly show_actions: boolean | undefined;
  /** State directories in which the host's control file may be. */
  readonly directories: readonly string[];
  /** Loads the extension again after its process has died; `null`: the browser is the caller's. */
  readonly restartExtension: (() => Promise<void>) | null;
  /** Whether the browser still runs, as far as one can tell. */
  readonly isOpen: () => boolean;
  /** Ends what `launch` started; nothing for a page of the caller's. */
  readonly end: () => Promise<void>;
}

/** A page and its live stream. Made by {@link FlyBrowser.launch} or {@link FlyBrowser.attach}. */
export class FlyBrowser<P extends AnyPage = Page> {
  /** The page, as the library that drives it gives it. */
  readonly page: P;
  readonly #dependencies: Dependencies<P>;
  readonly #host: PageHost;
  readonly #recording: PageRecording;
  readonly #stream: PageStream;
  readonly #control: PageControl;
  /** The capture of the page, for the stream, the recording or both: that is what the tasks belong to. */
  #capturedId: string | null = null;
  /** Its stream goes along to other tabs: the end of the page isn't its end. */
  #follows = false;
  readonly #tasks: TaskTracker;
  readonly #work: TaskRunner;
  readonly #view: PageView;
  readonly #abort = new AbortController();
  #closing: Promise<void> | null = null;

  private constructor(dependencies: Dependencies<P>) {
    this.page = dependencies.page;
    this.#dependencies = dependencies;
    const { page, directories, restartExtension } = dependencies;
    const extension = new ExtensionWatch(page, restartExtension);
    this.#host = new PageHost(async (again) => {
      const check = () => (again ? extension.check() : assertSameContext(page));
      return hostOfPage(await targetIdOf(page), directories, { check });
    });
    let clicked = false;
    const grant = <T>(begin: () => Promise<T>) =>
      withGrant(
        page,
        () => targetIdOf(page),
        begin,
        () => {
          clicked = true;
        },
      );
    this.#stream = new PageStream(() => this.#host.client(), grant);
    this.#recording = new PageRecording(() => this.#host.client(), grant);
    this.#tasks = new TaskTracker(() => this.#view.setCaption(this.#tasks.current));
    this.#view = new PageView({
      ...{ page, tasks: this.#tasks, show_actions: dependencies.show_actions === true },
      ask: (ask) => this.#host.ask(ask),
      streamId: () => this.#capturedId,
      needsGrant: async () => clicked && (await hasLoaded(page)),
      // The capture brings the page to the front all the same; others are left where they are.
      grant: async (target_id) => void (clicked && (await grantCapture(page, target_id, false))),
    });
    this.#work = new TaskRunner({
      tasks: this.#tasks,
      private: (fn) => this.private(fn),
      clip: async (task_id) => {
        const stream_id = this.#liveStream();
        await this.#tasks.settled();
        return (await this.#host.client()).clipTask(stream_id, task_id);
      },
    });
    this.#control = new PageControl({
      page,
      host: () => this.#host.client(),
      others: () => (this.#follows ? this.#view.others : []),
      dialogsOf: (each) => this.#view.unseenOf(each),
      isPrivate: () => this.#view.isPrivate,
    });
  }

  /**
   * Starts Chromium with the extension and the host in a throw-away profile; nothing needs to be installed.
   * @throws FlyBrowserError `browser_not_found`, `browser_failed`, `not_built`, `package_missing` (ours, from inside a bundle), `invalid_option`,
   * `unknown_option`; `page_without_extension` if the host doesn't start.
   */
  static async launch(options: LaunchOptions & AttachOptions<Page> = {}): Promise<FlyBrowser> {
    assertLaunchNames(options);
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
        restartExtension: () => restartExtension(browser, profile),
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
   * Uses a page of Puppeteer or Playwright. Its browser was started with {@link FlyBrowser.launchOptions}, has the extension, or loads
   * it now, until the last who is attached to it closes. The browser stays yours: closing ends only the stream.
   * @throws FlyBrowserError `browser_not_attachable`, `page_without_extension`, `page_in_own_context`, `tab_not_found`, `invalid_option`.
   */
  static async attach<P extends AnyPage>(page: P, options: AttachOptions<P> = {}): Promise<FlyBrowser<P>> {
    assertPage(page);
    assertAttachOptions(options);
    const release = await prepareBrowser(page, stateDirectories());
    const flybrowser = new FlyBrowser({
      page,
      agent: options.agent,
      show_actions: options.show_actions,
      directories: stateDirectories(),
      restartExtension: null,
      isOpen: () => !page.isClosed(),
      end: release,
    });
    try {
      await flybrowser.#host.client();
      return flybrowser;
    } catch (thrown) {
      await release();
      throw thrown;
    }
  }

  /**
   * Options for `puppeteer.launch`, or for Playwright's `chromium.launchPersistentContext(user_data_dir, …)`.
   * The profile is created now and removed when this process exits.
   * @throws FlyBrowserError as {@link FlyBrowser.launch}.
   */
  static launchOptions(options: LaunchOptions = {}): Promise<DriverOptions> {
    return driverOptions(options);
  }

  /** Navigates, with the options and the result of the page's own `goto`. @throws FlyBrowserError `page_not_reachable`. */
  async goto(url: string, options?: GotoOptions<P>): Promise<GotoResult<P>> {
    try {
      return (await this.page.goto(url, options as never)) as GotoResult<P>;
    } catch (cause) {
      const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/ at \S+$/, "");
      throw new FlyBrowserError("page_not_reachable", { url: shownAddress(url), reason }, { cause });
    }
  }

  /**
   * Streams the page. Resolves once a viewer who opens `player_url` sees video. While it runs, password fields show nothing of
   * what is in them, and what the selectors of `mask` match is invisible, in screenshots too.
   * @throws FlyBrowserError `mask_failed`, `invalid_option`, `unknown_option`, `stream_already_active`, and whatever fails on the way;
   * `start_stopped` when {@link FlyBrowser.stopStream} or {@link FlyBrowser.close} came first.
   */
  async startStream(options: PageStreamOptions = {}): Promise<StartStreamResult> {
    const { mask, rest: unmasked } = splitMask(options);
    const { allow_control, ...rest } = withControl(unmasked);
    parseStartStreamOptions(rest);
    return this.#view.masked(mask, async (masked) => {
      const page = async () => {
        await masked();
        return targetIdOf(this.page);
      };
      const result = await this.#stream.start(page, rest); // which can be stopped while it is being masked
      this.#follows = rest.follow === "active";
      await this.#setCapture(result.stream_id);
      if (this.#follows) {
        const { stream_id } = result;
        await this.#view.showOthers((target_id) => this.#host.ask((host) => host.admitTab(stream_id, { target_id })));
      }
      if (allow_control) await this.#control.allow(result.stream_id);
      return result;
    });
  }

  /**
   * Changes who can open the links while the stream is live: what `share` of {@link FlyBrowser.startStream} chooses at its start.
   * Resolves once the new link was tried, with the status as it is then.
   * @throws FlyBrowserError `invalid_option`, `no_active_stream`; `share_unavailable`, `setting_invalid`: it is shared as before.
   */
  async setSharing(share: Share): Promise<StreamInfo> {
    const checked = parseShare(share);
    return (await this.#host.client()).setSharing(this.#streamId(), checked);
  }

  /**
   * Changes the quality while the stream is live: links, viewers, recording and destinations go on. What was named at the start (size,
   * frame rate) stays. Resolves once viewers get a picture in it, with the status as it is then.
   * @throws FlyBrowserError `invalid_option`, `no_active_stream`; `unsupported_combination` (into `lossless` or out of it, or more than a
   *   service takes that it goes to), `tab_not_invoked`: it is as before; `capture_failed`.
   */
  async setQuality(quality: Quality): Promise<StreamInfo> {
    const checked = parseQuality(quality);
    return (await this.#host.client()).setQuality(this.#streamId(), checked);
  }

  /**
   * Makes one more link of the stream: with a name, for `expires_in` seconds. `status.links` tells who watches by which.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `no_active_stream`, `too_many_links`.
   */
  async createLink(options: CreateLinkOptions = {}): Promise<CreateLinkResult> {
    const checked = parseLinkOptions(options);
    return (await this.#host.client()).createLink(this.#streamId(), checked);
  }

  /**
   * Ends a link at once, and what is open by it.
   * @throws FlyBrowserError `no_active_stream`, `link_not_found`.
   */
  async revokeLink(link_id: string): Promise<RevokeLinkResult> {
    return (await this.#host.client()).revokeLink(this.#streamId(), link_id);
  }

  /**
   * Asks whoever has a link with `allow: "control"` to take over the page: the player shows the reason, and what the person does there is done
   * to the page, until they are done, decline, or `timeout` seconds (300 by default) are over. Your own calls work meanwhile. `signal`
   * ends it without an outcome: it throws the signal's reason.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `no_active_stream`, `no_control_link`, `hand_off_active`, `host_lost`;
   * `stream_ended` when {@link FlyBrowser.close} came first.
   */
  async handOff(options: HandOffOptions, signal?: AbortSignal): Promise<HandOffResult> {
    const checked = parseHandOffOptions(options);
    const ended = signal ? AbortSignal.any([this.#abort.signal, signal]) : this.#abort.signal;
    return this.#control.handOff(this.#liveStream(), checked, ended);
  }

  /**
   * The state of this page's stream.
   * @throws FlyBrowserError `extension_lost` once when the extension's process has died, and the stream with it.
   */
  async getStreamStatus(): Promise<StreamStatus> {
    const { id } = this.#stream;
    if (id === null || !this.#isOpen) return NO_STREAM_STATUS;
    await this.#tasks.settled();
    return this.#host.ask((host) => host.getStreamStatus(id));
  }

  /**
   * Stops this page's stream and gives its totals; a recording goes on. A start that is under way throws `start_stopped`.
   * Without a stream the result says so.
   */
  async stopStream(): Promise<StopStreamResult> {
    if (!this.#isOpen) return NO_STREAM_STOP;
    if (this.#stream.id !== null) await this.#tasks.settled();
    this.#control.forbid();
    const result = await this.#stream.stop();
    if (this.#stream.id === null && this.#recording.id === null) await this.#setCapture(null);
    return result;
  }

  /**
   * Has this page's stream go to one more place. Resolves at once, usually while it is `connecting`: `getStreamStatus` tells
   * how it goes on.
   * @throws FlyBrowserError `no_active_stream`, `invalid_option`, `unknown_option`, `unsupported_combination`.
   */
  async addDestination(destination: DestinationOptions): Promise<DestinationStatus> {
    parseDestination(destination);
    return (await this.#host.client()).addDestination(this.#liveStream(), destination);
  }

  /**
   * Takes leave of a destination, and gives its last status; what waits for it is sent first, for 5 s at most.
   * @throws FlyBrowserError `no_active_stream`, `destination_not_found`.
   */
  async removeDestination(destination_id: string): Promise<DestinationStatus> {
    return (await this.#host.client()).removeDestination(this.#liveStream(), destination_id);
  }

  /**
   * Records the page, streamed or not, from one encoding for both. It goes on until {@link FlyBrowser.stopRecording}, whatever
   * streams start or stop meanwhile. A relative `path` is resolved against the working directory.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `recording_already_active`, `recording_path_unusable`,
   * `disk_full`, `unsupported_combination`, and whatever fails while the page is captured first.
   */
  async startRecording(options: StartRecordingOptions & MaskOptions = {}): Promise<StartRecordingResult> {
    const { mask, rest } = splitMask(options);
    const checked = parseStartRecordingOptions(rest);
    return this.#view.masked(mask, async (masked) => {
      await masked();
      const { result, stream_id } = await this.#recording.start({ target_id: await targetIdOf(this.page) }, checked);
      await this.#setCapture(stream_id);
      return result;
    });
  }

  /**
   * Stops the recording and resolves once its file is complete, however long that takes; `onProgress` gets the share that is
   * done, 0 to 1. `error` in the result says why a recording ended early, for instance a full disk.
   * @throws FlyBrowserError `no_active_recording`, `recording_failed`, `host_lost`.
   */
  async stopRecording(onProgress: (share: number) => void = () => {}): Promise<StopRecordingResult> {
    const id = await this.#recording.started();
    if (id === null || !this.#isOpen) throw new FlyBrowserError("no_active_recording");
    await this.#tasks.settled();
    const stopped = async () => {
      if (this.#stream.id === null) await this.#setCapture(null);
    };
    return this.#recording.stop(id, { stopped, progress: onProgress });
  }

  /**
   * Makes a file of the last `seconds` of the stream (30 by default) or of a task, out of what viewers can rewind to; nothing is
   * stopped for it. It lies beside the recordings. `mp4` begins and ends at the very picture, `gif` has 8 MiB at most, `png` is the picture
   * at the end of a task, or that of so many seconds ago.
   * @throws FlyBrowserError `no_active_stream`, `invalid_option`, `unknown_option`, `task_not_found`, `clip_unavailable`, `clip_failed`.
   */
  async clip(options: ClipOptions = {}): Promise<ClipResult> {
    parseClipOptions(options);
    const id = this.#liveStream();
    await this.#tasks.settled();
    return (await this.#host.client()).clip(id, options);
  }

  /** The newest 200 tasks of this page, oldest first, with or without a stream. */
  get tasks(): readonly Task[] {
    return this.#tasks.list();
  }

  /**
   * Runs a function as a task that viewers see on the stream's timeline, and gives its result. Tasks begun inside become its
   * subtasks. If the function throws, the task has failed with that message, and the error is rethrown. Without a stream the
   * function runs all the same. With `private`, viewers learn of the names alone: as {@link FlyBrowser.private} otherwise. With `clip`, a
   * file of the task is made as it ends, also where it has failed; the task in {@link FlyBrowser.tasks} names it too.
   * @throws FlyBrowserError `invalid_option` for an empty name; `private_unconfirmed`; whatever the function throws.
   */
  task<T>(name: string, fn: (task: RunningTask) => T | Promise<T>): Promise<T>;
  task<T>(
    name: string,
    options: TaskOptions & { readonly clip: true },
    fn: (task: RunningTask) => T | Promise<T>,
  ): Promise<TaskWithClip<T>>;
  task<T>(name: string, options: TaskOptions, fn: (task: RunningTask) => T | Promise<T>): Promise<T>;
  async task<T>(
    name: string,
    ...[first, second]: [fn: TaskFunction<T>] | [options: TaskOptions, fn: TaskFunction<T>]
  ): Promise<T | TaskWithClip<T>> {
    const [options, fn] = typeof first === "function" ? [{}, first] : [first, second as TaskFunction<T>];
    return this.#work.run(name, parseTaskOptions(options), fn);
  }

  /**
   * Runs a function while nothing of the page is seen or heard: not by any viewer, at any destination, in any recording. It begins
   * once that is confirmed; viewers see a neutral picture with the word "Private". Resolves when the page is seen again.
   * @throws FlyBrowserError `private_unconfirmed`: the function was not run; whatever the function throws.
   */
  private<T>(fn: () => T | Promise<T>): Promise<T> {
    return this.#view.private(() => this.#tasks.quietly(fn));
  }

  /**
   * Begins a task that isn't one function; {@link FlyBrowser.endTask} ends it.
   * @throws FlyBrowserError `invalid_option`.
   */
  beginTask(name: string, options: { parent_id?: string | null; detail?: string } = {}): Task {
    return this.#tasks.begin(name, options);
  }

  /**
   * Ends a task, as `done` unless `state` says otherwise. Idempotent.
   * @throws FlyBrowserError `task_not_found`, `invalid_option`.
   */
  endTask(task_id: string, end: { state?: "done" | "failed"; detail?: string } = {}): Task {
    return this.#tasks.update(task_id, { state: "done", ...end });
  }

  /**
   * Has the `agent` function carry out one action, as a task, and gives its result. With `private`, nothing is seen of it, and the
   * instruction isn't told; `clip` as of {@link FlyBrowser.task}.
   * @throws FlyBrowserError `agent_missing`, `private_unconfirmed`; whatever the agent throws.
   */
  act<R = unknown>(instruction: string, options: TaskOptions & { readonly clip: true }): Promise<TaskWithClip<R>>;
  act<R = unknown>(instruction: string, options?: TaskOptions): Promise<R>;
  act<R = unknown>(instruction: string, options: TaskOptions = {}): Promise<R | TaskWithClip<R>> {
    return this.#runAgent<R>("act", instruction, options);
  }

  /**
   * Has the `agent` function carry out a whole task, and gives its result; `private` and `clip` as of {@link FlyBrowser.act}.
   * @throws FlyBrowserError `agent_missing`, `private_unconfirmed`; whatever the agent throws.
   */
  agent<R = unknown>(task: string, options: TaskOptions & { readonly clip: true }): Promise<TaskWithClip<R>>;
  agent<R = unknown>(task: string, options?: TaskOptions): Promise<R>;
  agent<R = unknown>(task: string, options: TaskOptions = {}): Promise<R | TaskWithClip<R>> {
    return this.#runAgent<R>("agent", task, options);
  }

  /** Finishes the recording, stops the stream, and closes a browser that {@link FlyBrowser.launch} started. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether there can be something to ask for: the page is open, or its stream has gone along to another one. */
  get #isOpen(): boolean {
    return this.#dependencies.isOpen() || (this.#follows && this.#host.runs);
  }

  #liveStream(): string {
    const { id } = this.#stream;
    if (id === null || !this.#isOpen) throw new FlyBrowserError("no_active_stream");
    return id;
  }

  #streamId(): string {
    const { id } = this.#stream;
    if (id === null) throw new FlyBrowserError("no_active_stream");
    return id;
  }

  async #runAgent<R>(kind: "act" | "agent", instruction: string, options: TaskOptions): Promise<R | TaskWithClip<R>> {
    const { agent } = this.#dependencies;
    if (!agent) throw new FlyBrowserError("agent_missing", { method: `${kind}()` });
    const checked = parseTaskOptions(options);
    return this.#work.run(checked.private ? PRIVATE_TASK : instruction, checked, async ({ task_id, note }) => {
      const task: AgentContext<P>["task"] = (name, step) => this.task(name, step);
      const context = { browser: this, kind, task_id, task, note, signal: this.#abort.signal };
      return (await agent(instruction, this.page, context)) as R;
    });
  }

  /** Sends the tasks to the capture `streamId`, and draws them; `null`: the page is no longer captured. */
  async #setCapture(streamId: string | null): Promise<void> {
    if (streamId === this.#capturedId) return;
    this.#capturedId = streamId;
    this.#tasks.connect(streamId === null ? null : this.#host.taskSink(streamId));
    await (streamId === null ? this.#view.end() : this.#view.begin());
  }

  async #close(): Promise<void> {
    this.#abort.abort(new FlyBrowserError("stream_ended", { reason: sentence("browser.closing") }));
    try {
      await this.stopRecording().catch(() => {}); // there was none; else the recorded media are kept
      await this.stopStream();
    } catch {
      // The host is gone, and the stream with it; the browser must be closed all the same.
    } finally {
      await this.#dependencies.end();
    }
  }
}

/** @throws FlyBrowserError `invalid_option` */
function withControl<O extends Pick<PageStreamOptions, "allow_control">>(options: O): O {
  const { allow_control } = options;
  if (allow_control === undefined || typeof allow_control === "boolean") return options;
  const value = JSON.stringify(allow_control) ?? typeof allow_control;
  throw new FlyBrowserError("invalid_option", { option: "allow_control", value, allowed: "true, false" });
}
