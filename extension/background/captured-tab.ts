// One captured tab from its start to its release: the only writer of its record. It is captured for its stream, for its
// recording, or for both, and let go when neither needs it.
import { Deadline } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { type ErrorCode, FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import {
  type CaptureCondition,
  NO_STREAM_STOP,
  type RecordingInfo,
  type StartRecordingResult,
  type StartStreamResult,
  type StopStreamResult,
  type StreamInfo,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { logOf } from "../log.ts";
import type { HostStreams } from "./host-streams.ts";
import { retry } from "./retry.ts";
import type { TabMedia } from "./tab-media.ts";
import { type TabRecord, TabState, unseen } from "./tab-record.ts";
import type { PageCondition } from "./tabs.ts";

/** What a {@link CapturedTab} works with. */
export interface CapturedTabDependencies {
  readonly host: HostStreams;
  readonly media: TabMedia;
  readonly getTab: (tab_id: number) => Promise<Tab>;
  /** How the page of a tab is doing; `null`: there is no such tab. */
  readonly pageOf: (tab_id: number) => Promise<PageCondition | null>;
  /** Its record has changed. */
  readonly onChange: () => void;
  /** It is about to end with an error, for people to see. */
  readonly onError: (error: FlyBrowserError) => void;
}

/** ms after which a tab without a host ends. */
const GIVE_UP_AFTER = 60_000;
/** Errors that no further attempt can mend. */
const FINAL = new Set<ErrorCode>([
  ...(["host_not_installed", "version_mismatch", "ffmpeg_not_found", "no_active_stream"] as const),
  ...(["tab_not_invoked", "tab_not_capturable", "tab_not_found", "capture_failed"] as const),
]);

const log = logOf("tab");

/** A tab while it is captured. */
export class CapturedTab {
  readonly #deps: CapturedTabDependencies;
  readonly #state: TabState;
  #starting: Promise<StartStreamResult | null> | null = null;
  #unpublishing: Promise<StopStreamResult> | null = null;
  #releasing: Promise<StopStreamResult> | null = null;
  #recovery: Promise<void> | null = null;
  /** Whether the host at hand knows it. */
  #hosted = false;
  /** How its capture is doing, as the host was told. */
  #condition: CaptureCondition = "running";
  /** How its page is doing, and whoever waits for that to change, or for the host to go. */
  #page: PageCondition = "running";
  readonly #changes = new Emitter();
  /** Its media were lost once more while it was recovering. */
  #lostAgain = false;
  /** The first steps of a start, while they are under way. */
  #capturing: Promise<string> | null = null;
  /** What a start that can't go on has met. */
  #startFailure: FlyBrowserError | null = null;

  constructor(dependencies: CapturedTabDependencies, record: TabRecord) {
    this.#deps = dependencies;
    this.#state = new TabState(record, dependencies.onChange);
  }

  /** What is known of it. */
  get record(): TabRecord {
    return this.#state.record;
  }

  /** Chrome's id of the tab. */
  get tab_id(): number {
    return this.record.tab.tab_id;
  }

  /** The host's id of what is captured; `null` until the host has opened it. */
  get stream_id(): string | null {
    return this.record.identity?.stream_id ?? null;
  }

  /** The step that is under way and must be over before another begins; may reject. */
  get busy(): Promise<unknown> | null {
    return this.#releasing ?? this.#unpublishing ?? this.#starting;
  }

  /** Resolves once it goes on in a new host, or has ended; `null`: it needs none. */
  get recovery(): Promise<void> | null {
    return this.#recovery;
  }

  /**
   * Captures the tab; answers when a viewer gets video or, with `null`, when the first media come and nobody is to see it.
   * @throws FlyBrowserError any code of a start; nothing of it is left then
   */
  start(): Promise<StartStreamResult | null> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /**
   * Lets viewers see a tab that is recorded; answers when one gets video.
   * @throws FlyBrowserError `host_lost`, or what went wrong; nobody sees it then
   */
  async publish(options: ResolvedStartStreamOptions): Promise<StartStreamResult> {
    const stream_id = this.#state.hosted();
    this.#state.change({ stream: "starting" });
    try {
      const identity = await this.#deps.host.publish(stream_id, options);
      this.#state.change({ identity, options });
      this.#state.checkPublishing();
      const result = await this.#deps.host.playable(stream_id);
      this.#state.checkPublishing();
      this.#state.change({ stream: "live" });
      return result;
    } catch (thrown) {
      this.#state.checkPublishing(); // who stopped it is told so, not what the host made of that
      await this.stopStream(toFlyBrowserError(thrown).message);
      throw thrown;
    }
  }

  /** Ends its stream; a recording goes on. Twice harms nothing. */
  stopStream(reason: string): Promise<StopStreamResult> {
    if (this.record.stream === "none") return Promise.resolve(NO_STREAM_STOP);
    const running = this.#releasing ?? this.#unpublishing;
    if (running) return running;
    this.#state.stopStart(reason);
    if (this.record.recording === "none") return this.release(reason);
    this.#unpublishing = this.#unpublish(reason).finally(() => {
      this.#unpublishing = null;
    });
    return this.#unpublishing;
  }

  /**
   * Has the host record it.
   * @throws FlyBrowserError `host_lost`, and what the host throws; nothing of the recording is left then
   */
  async startRecording(options: unknown): Promise<StartRecordingResult> {
    try {
      const stream_id = this.#state.hosted();
      if (this.record.recording === "none") this.#state.change({ recording: "starting" });
      const result = await this.#deps.host.record(stream_id, options);
      // It may have ended again before the answer came.
      if (this.record.recording !== "none") {
        this.#state.change({ recording: "running", recording_id: result.recording_id });
      }
      return result;
    } catch (thrown) {
      await this.endRecording(toFlyBrowserError(thrown).message);
      throw thrown;
    }
  }

  /** Its recording needs it no more. If nobody sees it either, the capture ends, its last media in the file. */
  async endRecording(reason: string): Promise<void> {
    if (this.record.recording !== "none") this.#state.change({ recording: "none", recording_id: null });
    if (this.record.stream === "none") await this.release(reason);
  }

  /** The host tells of a recording of it, perhaps one that a program has begun; `true`: it has ended by itself. */
  recordingChanged({ recording_id, status }: RecordingInfo): boolean {
    const { recording, recording_id: known } = this.record;
    if (status === "recording") {
      if (recording !== "running" || known !== recording_id) this.#state.change({ recording: "running", recording_id });
      return false;
    }
    if (known !== recording_id) return false;
    void this.endRecording("its recording has ended");
    return true;
  }

  /** The host has sent the status of its stream. */
  statusArrived(info: StreamInfo): void {
    if (this.record.stream !== "none") this.#state.change({ info });
  }

  /** The tab has another address or title. */
  updated(url: string, title: string): void {
    const { stream_id } = this;
    if (stream_id !== null) this.#deps.host.tabChanged(stream_id, url, title);
    this.#state.change({ tab: { ...this.record.tab, url, title } });
  }

  /** Ends the recorder and begins another one. `orderly`: the host still takes what is under way. */
  restartRun(reason: string, orderly: boolean): void {
    const { stream_id } = this;
    if (stream_id === null || this.record.capture === "stopping") return;
    this.#deps.media.restart(stream_id, reason, orderly).catch((error: FlyBrowserError) => {
      if (error.code === "no_active_stream" || error.code === "capture_failed") this.captureLost();
      else this.fail(error);
    });
  }

  /** The host has gone. */
  hostLost(): void {
    this.#hosted = false;
    this.#changes.emit();
    if (this.record.capture === "live") this.recover();
  }

  /** Its capture has gone, with the document that held it: the tab is captured again, where Chrome allows it. */
  captureLost(): void {
    const { capture } = this.record;
    if (capture === "recovering") {
      this.#lostAgain = true;
      this.#changes.emit();
    } else if (capture === "live") {
      this.#conditionIs("lost");
      this.recover();
    } else if (capture === "starting" && this.stream_id !== null) {
      this.#startFailure = new FlyBrowserError("capture_failed", { reason: sentence("capture.document_gone") });
      void this.release(this.#startFailure.message);
    }
  }

  /** How its page is doing. A page that has crashed keeps its capture, a discarded tab doesn't; both are waited for. */
  pageIs(page: PageCondition): void {
    const { capture } = this.record;
    if (page === this.#page || (capture !== "live" && capture !== "recovering")) return;
    this.#page = page;
    this.#changes.emit();
    if (page !== "running" || capture === "live") this.#conditionIs(page);
    if (page === "discarded" && capture === "live") this.recover();
  }

  /** Chrome has given its tab another id; the capture went with the old one. */
  replaced(tab_id: number): void {
    this.#state.change({ tab: { ...this.record.tab, tab_id } });
    this.captureLost();
  }

  /** Goes on, after the host, the service worker or the capture has died: same id, same token, same links. */
  recover(): void {
    this.#state.change({ capture: "recovering" });
    const recovery = this.#recover()
      .catch((error: FlyBrowserError) => this.fail(error))
      .finally(() => {
        if (this.#recovery === recovery) this.#recovery = null;
      });
    this.#recovery = recovery;
  }

  /** The host or the capture can't go on: the tab is let go, and the error left to be shown. */
  fail(error: FlyBrowserError): void {
    const { capture } = this.record;
    if (capture !== "live" && capture !== "recovering") return; // a start meets the error itself
    log.warn(`stream ${this.stream_id}: ${error.message}`);
    this.#deps.onError(error);
    void this.release(error.message);
  }

  /** Ends the capture, whoever needs it: its stream, and its recording. Twice harms nothing. */
  release(reason: string): Promise<StopStreamResult> {
    this.#releasing ??= this.#release(reason);
    return this.#releasing;
  }

  async #start(): Promise<StartStreamResult | null> {
    try {
      this.#capturing = this.#capture().finally(() => {
        this.#capturing = null;
      });
      const stream_id = await this.#capturing;
      this.#state.checkStarting();
      const seen = this.record.stream !== "none";
      const result = seen ? await this.#deps.host.playable(stream_id) : null;
      this.#state.checkStarting();
      this.#state.change({ capture: "live", ...(this.record.stream === "starting" ? { stream: "live" } : {}) });
      return result;
    } catch (thrown) {
      const error = this.#startFailure ?? this.#whyStopped() ?? toFlyBrowserError(thrown);
      log.warn(`tab ${this.tab_id}: ${error.message}`);
      await this.release(error.message);
      throw error;
    }
  }

  /** Who stopped a start is told so, not what the host made of that. */
  #whyStopped(): FlyBrowserError | null {
    try {
      this.#state.checkStarting();
      return null;
    } catch (thrown) {
      return toFlyBrowserError(thrown);
    }
  }

  /** From nothing to the first media, as many steps at the same time as Chrome allows; gives the host's id. */
  async #capture(): Promise<string> {
    const { host, media, getTab } = this.#deps;
    const [tab, host_port] = await Promise.all([getTab(this.tab_id), host.connectToStart(), media.prepare()]);
    this.#state.change({ tab });
    if (tab.not_capturable !== null) throw new FlyBrowserError("tab_not_capturable", { reason: tab.not_capturable });
    const { options, stream } = this.record;
    return media.start(this.tab_id, options, {
      check: () => this.#state.checkStarting(),
      open: async () => {
        const identity = await host.open(tab, options, stream !== "none");
        this.#hosted = true;
        this.#state.change({ identity, host_port });
        return identity.stream_id;
      },
    });
  }

  async #recover(): Promise<void> {
    let deadline = new Deadline(GIVE_UP_AFTER);
    let connected = false;
    const renew = () => {
      deadline = new Deadline(GIVE_UP_AFTER);
    };
    const wanted = () => this.#state.recovering;
    const isFinal = ({ code }: FlyBrowserError) => {
      // One that was there and died is no reason to give up: the next one may live.
      if (code === "host_lost" && connected) renew();
      connected = false;
      return FINAL.has(code) || deadline.passed;
    };
    const reached = {
      connected: () => {
        connected = true;
      },
      pageIsBack: renew,
    };
    const pause = (ms: number) => this.#deps.host.arrives(ms);
    do {
      this.#lostAgain = false;
      await retry(() => this.#resume(reached), { wanted, isFinal, pause, log });
    } while (this.#lostAgain && wanted());
    if (this.#state.recovering) this.#state.change({ capture: "live" });
  }

  /** One attempt. Ends quietly, and leaves nothing in the new host, where the tab is let go meanwhile. */
  async #resume(reached: { readonly connected: () => void; readonly pageIsBack: () => void }): Promise<void> {
    const { host, media } = this.#deps;
    const host_port = await host.connect();
    reached.connected();
    if (!this.#state.recovering) return; // who let it go found no host to tell
    const { identity: last } = this.record;
    if (!last) throw new FlyBrowserError("no_active_stream");
    const stopped = () => this.#state.recovering && this.#state.onlyRecorded;
    if (!this.#hosted) {
      const identity = await host.resume(this.record, last, stopped);
      if (!this.#state.recovering) return; // who let it go has told the host
      this.#hosted = true;
      this.#state.change({ identity, host_port });
      if (this.#condition !== "running") host.captureChanged(last.stream_id, this.#condition);
    }
    const check = () => {
      if (!this.#state.recovering) throw new FlyBrowserError("no_active_stream");
    };
    await this.#pageBack();
    reached.pageIsBack();
    if (!this.#state.recovering) return;
    await media.goOn(this.tab_id, last.stream_id, this.record.options, check);
    if (!this.#state.recovering) {
      await media.stop(last.stream_id, false); // who let it go found no capture to end
      return;
    }
    this.#conditionIs("running");
    if (last.published_at === null || stopped()) return;
    const playable = host.playable(last.stream_id).catch((thrown: unknown) => {
      if (!stopped()) throw thrown; // else its stream was stopped, and its recording is well
    });
    await Promise.race([playable, this.#changed(() => this.#lostAgain)]);
  }

  /** Waits until there is a page to capture, or nobody wants it. @throws FlyBrowserError `host_lost`, `tab_not_found` */
  async #pageBack(): Promise<void> {
    const page = await this.#deps.pageOf(this.tab_id);
    if (page === null) throw new FlyBrowserError("tab_not_found", { tab: String(this.tab_id) });
    this.pageIs(page);
    await this.#changed(() => this.#page === "running" || !this.#state.recovering || !this.#hosted);
    if (!this.#hosted) throw new FlyBrowserError("host_lost", { reason: sentence("host.gone") });
  }

  /** Resolves once `condition` holds, which is asked at once and after each change. */
  #changed(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = this.#changes.on(() => {
        if (!condition()) return;
        leave();
        resolve();
      });
    });
  }

  #conditionIs(condition: CaptureCondition): void {
    const { stream_id } = this;
    if (condition === this.#condition) return;
    this.#condition = condition;
    if (stream_id !== null) this.#deps.host.captureChanged(stream_id, condition);
  }

  async #unpublish(reason: string): Promise<StopStreamResult> {
    const { host, media } = this.#deps;
    const { info } = this.record;
    const stream_id = this.stream_id ?? "";
    this.#state.change({ stream: "stopping" });
    await media.closeViewers(stream_id);
    const result = await host.unpublish(stream_id, reason, info);
    this.#state.change({ stream: "none", ...unseen(this.record) });
    // Its recording may have ended while the stream did.
    if (this.record.recording === "none") void this.release(reason);
    return result;
  }

  async #release(reason: string): Promise<StopStreamResult> {
    const { capture } = this.record; // `stopping`: a service worker that was restarted has found it so
    if (capture === "starting") this.#state.stopStart(reason);
    if (capture !== "stopping") this.#state.change({ capture: "stopping" });
    this.#changes.emit();
    let result = await this.#letGo(reason, capture === "live");
    if (this.#capturing !== null) {
      // The stop may have come before the host or Chrome had answered; nothing of them is left when it is over.
      await this.#capturing.catch(() => {});
      if (!result.success) result = await this.#letGo(reason, false);
      else await this.#deps.media.stop(result.stream_id, false);
    }
    this.#state.change({ capture: "ended" });
    return result;
  }

  /** Ends the capture, and the host's stream. */
  async #letGo(reason: string, withTail: boolean): Promise<StopStreamResult> {
    const { host, media } = this.#deps;
    const { stream_id } = this;
    if (stream_id === null) return NO_STREAM_STOP;
    await media.stop(stream_id, withTail);
    const result = await host.close(stream_id, reason, this.record.info);
    media.detach(stream_id);
    return result;
  }
}
