// One captured tab from its start to its release: the only writer of its record. It is captured for its stream, for its
// recording, or for both, and let go when neither needs it.
import { Serial } from "../../protocol/async.ts";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { StoredLink, Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions, Share } from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";
import {
  type DestinationStatus,
  NO_STREAM_STOP,
  type Place,
  type RecordingInfo,
  type StartRecordingResult,
  type StartStreamResult,
  type StopStreamResult,
  type StreamInfo,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { StartTrace } from "../../protocol/start-trace.ts";
import { logOf } from "../log.ts";
import { whyNotCapturable } from "./capturable.ts";
import { addDestination, removeDestination } from "./tab-destinations.ts";
import { changeQuality } from "./tab-quality.ts";
import { type TabRecord, TabState, unseen } from "./tab-record.ts";
import { TabRecovery, type TabRecoveryDependencies } from "./tab-recovery.ts";
import type { PageCondition } from "./tabs.ts";

/** What a {@link CapturedTab} works with. */
export interface CapturedTabDependencies extends TabRecoveryDependencies {
  readonly getTab: (tab_id: number) => Promise<Tab>;
  /** It is about to have another tab. */
  readonly onMoving: (tab_id: number) => void;
  /** Its tab is gone, and it follows: it can go on in another one. */
  readonly onTabGone: () => void;
  /** Its record has changed. */
  readonly onChange: () => void;
  /** It is about to end with an error, for people to see. */
  readonly onError: (error: FlyBrowserError) => void;
}

const log = logOf("tab");

/** Tabs that are remembered as admitted: of a program that opens new ones for ever, the last. */
const MAX_ADMITTED = 500;

/** A tab while it is captured. */
export class CapturedTab {
  readonly #deps: CapturedTabDependencies;
  readonly #state: TabState;
  #starting: Promise<StartStreamResult | null> | null = null;
  #unpublishing: Promise<StopStreamResult> | null = null;
  #releasing: Promise<StopStreamResult> | null = null;
  readonly #recovery: TabRecovery;
  /** The first steps of a start, while they are under way. */
  #capturing: Promise<string> | null = null;
  /** The tab that it is to go on in, and the way there. */
  #target: { readonly tab: Tab; readonly opener: number | null } | null = null;
  #moving: Promise<void> | null = null;
  /** A change of its quality that is under way; never rejects. One after the other. */
  #changing: Promise<void> | null = null;
  readonly #qualities = new Serial();
  /** What a start that can't go on has met. */
  #startFailure: FlyBrowserError | null = null;

  constructor(dependencies: CapturedTabDependencies, record: TabRecord) {
    this.#deps = dependencies;
    this.#state = new TabState(record, dependencies.onChange);
    this.#recovery = new TabRecovery(dependencies, this.#state, (error) => this.fail(error));
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
    return this.#recovery.running;
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
      if (this.record.muted) void this.#deps.media.setMuted(stream_id, true, options.muted_tab);
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

  /** Has its stream go to one more place. @throws FlyBrowserError as in tab-destinations.ts */
  addDestination(input: unknown): Promise<DestinationStatus> {
    return addDestination(this.#state, this.#deps.host, input);
  }

  /**
   * Has its stream go on in another quality, after whatever is under way; answers when viewers get a picture in it.
   * @throws FlyBrowserError as in tab-quality.ts
   */
  setQuality(quality: Quality): Promise<StreamInfo> {
    return this.#qualities.run(async () => {
      await this.#moving;
      await this.#recovery.running;
      const { host, media } = this.#deps;
      const changing = changeQuality(this.#state, quality, { host, media, onLost: () => this.captureLost() });
      const over = () => {
        this.#changing = null;
      };
      this.#changing = changing.then(over, over);
      return changing;
    });
  }

  /** Takes leave of a destination. @throws FlyBrowserError as in tab-destinations.ts */
  removeDestination(destination_id: string): Promise<DestinationStatus> {
    return removeDestination(this.#state, this.#deps.host, destination_id);
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

  /** Others than so far are to see it: so they do when it goes on in another host. */
  sharedWith(share: Share): void {
    this.#state.change({ options: { ...this.record.options, share } });
  }

  /** It has other links: so it does when it goes on in another host. */
  linksChanged(links: StoredLink[]): void {
    const { identity } = this.record;
    if (identity) this.#state.change({ identity: { ...identity, links } });
  }

  /** So many ms are missing of its media by now: the next host is told. */
  holesChanged(missing: number): void {
    const { identity } = this.record;
    if (identity) this.#state.change({ identity: { ...identity, missing } });
  }

  /** The tab has another address or title. */
  updated(url: string, title: string): void {
    const { stream_id } = this;
    if (stream_id !== null) this.#deps.host.tabChanged(stream_id, url, title);
    const not_capturable = whyNotCapturable(url);
    const was_capturable = this.record.tab.not_capturable === null;
    this.#state.change({ tab: { ...this.record.tab, url, title, not_capturable } });
    // Chrome goes on capturing where it wouldn't begin: settings, passwords, the history.
    if (this.follows && stream_id !== null) {
      if (was_capturable === (not_capturable === null)) return;
      void this.#deps.media.hold(stream_id, not_capturable !== null);
      this.placeIs(not_capturable === null ? "here" : "not_capturable");
    } else if (not_capturable !== null)
      this.fail(new FlyBrowserError("tab_not_capturable", { reason: not_capturable }));
  }

  /** Ends the recorder and begins another one. `orderly`: the host still takes what is under way. */
  restartRun(reason: string, orderly: boolean): void {
    const { stream_id } = this;
    if (stream_id === null || this.record.capture === "stopping") return;
    if (this.#changing !== null) return; // a fresh run comes with it
    this.#deps.media.restart(stream_id, reason, orderly).catch((error: FlyBrowserError) => {
      if (error.code === "no_active_stream" || error.code === "capture_failed") this.captureLost();
      else this.fail(error);
    });
  }

  /** The host has gone, or (`lives`) only the way to it. */
  hostLost(lives: boolean): void {
    this.#recovery.hostLost(lives);
  }

  /** Its capture has gone, with the document that held it: the tab is captured again, where Chrome allows it. */
  captureLost(): void {
    if (this.record.capture !== "starting") this.#recovery.captureLost();
    else if (this.stream_id !== null) {
      this.#startFailure = new FlyBrowserError("capture_failed", { reason: sentence("capture.document_gone") });
      void this.release(this.#startFailure.message);
    }
  }

  /** How often it has begun to recover. */
  get recoveries(): number {
    return this.#recovery.times;
  }

  /** How its page is doing. */
  pageIs(page: PageCondition): void {
    this.#recovery.pageIs(page);
  }

  /** Whether its user has muted it. A capture that begins asks by itself. */
  mutedIs(muted: boolean): void {
    const { stream_id } = this;
    if (stream_id === null || muted === this.record.muted) return;
    this.#state.change({ muted });
    void this.#deps.media.setMuted(stream_id, muted, this.record.options.muted_tab);
    this.#deps.host.mutedChanged(stream_id, muted);
  }

  /** Chrome has given its tab another id; the capture went with the old one. */
  replaced(tab_id: number): void {
    this.#state.change({ tab: { ...this.record.tab, tab_id } });
    this.captureLost();
  }

  /** Whether it goes along to other tabs. */
  get follows(): boolean {
    return this.record.options.follow === "active" && this.record.stream !== "none";
  }

  /** Whether its viewers may see a tab. */
  admits(tab_id: number): boolean {
    return this.record.admitted?.includes(tab_id) ?? true;
  }

  /** They may from now on. */
  admit(tab_id: number): void {
    const { admitted } = this.record;
    if (admitted !== null) this.#state.change({ admitted: [...admitted, tab_id].slice(-MAX_ADMITTED) });
  }

  /** Its next stream shows any tab, or (`only`) this one and those that are admitted. */
  admitOnly(only: boolean): void {
    this.#state.change({ admitted: only ? [this.tab_id] : null });
  }

  /** Whether it is on its way to another tab. */
  get moves(): boolean {
    return this.#moving !== null;
  }

  /** Where the program works. */
  placeIs(place: Place): void {
    if (place === this.record.place) return;
    this.#state.change({ place });
    if (this.stream_id !== null) this.#deps.host.placeChanged(this.stream_id, place);
  }

  /** Goes on in another tab, as soon as that gives pictures; of several that are asked for meanwhile, in the last one. */
  goTo(tab: Tab, opener: number | null): void {
    this.#target = { tab, opener };
    this.#moving ??= this.#move().finally(() => {
      this.#moving = null;
    });
  }

  /** Goes on, after the host, the service worker or the capture has died: same id, same token, same links. */
  recover(): void {
    this.#recovery.begin();
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
      const trace = new StartTrace();
      trace.mark("asked");
      this.#capturing = this.#capture(trace).finally(() => {
        this.#capturing = null;
      });
      const stream_id = await this.#capturing;
      this.#state.checkStarting();
      const seen = this.record.stream !== "none";
      const result = seen ? await this.#deps.host.playable(stream_id, trace.marks) : null;
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
  async #capture(trace: StartTrace): Promise<string> {
    const { host, media, getTab } = this.#deps;
    const [tab, at] = await Promise.all([
      getTab(this.tab_id),
      host.connectToStart().finally(() => trace.mark("host")),
      media.prepare().finally(() => trace.mark("document")),
    ]);
    this.#state.change({ tab });
    if (tab.not_capturable !== null) throw new FlyBrowserError("tab_not_capturable", { reason: tab.not_capturable });
    const { options, stream } = this.record;
    return media.start(this.tab_id, options, {
      trace,
      check: () => this.#state.checkStarting(),
      open: async () => {
        const identity = await host.open(tab, options, stream !== "none");
        this.#recovery.hostKnows();
        this.#state.change({ identity, ...at });
        return identity.stream_id;
      },
    });
  }

  async #move(): Promise<void> {
    for (;;) {
      await this.#starting?.catch(() => {});
      await this.#changing;
      await this.#recovery.running;
      const target = this.#target;
      const { stream_id, tab_id: from } = this;
      this.#target = null;
      if (!target || stream_id === null || this.record.capture !== "live") return;
      const { tab_id, not_capturable } = target.tab;
      if (not_capturable !== null) this.placeIs("not_capturable");
      else if (tab_id === from) this.placeIs("here");
      else await this.#moveTo(target.tab, target.opener, stream_id);
    }
  }

  async #moveTo(target: Tab, opener: number | null, stream_id: string): Promise<void> {
    const { media, getTab, pageOf } = this.#deps;
    const { tab_id } = target;
    const { tab_id: from } = this;
    const check = () => {
      if (this.record.capture !== "live") throw new FlyBrowserError("no_active_stream");
    };
    try {
      await media.move(tab_id, stream_id, this.record.options, check);
      if (this.record.capture !== "live") return await media.stop(stream_id, false); // who let it go found no capture to end
      const tab = await getTab(tab_id).catch(() => target);
      const before = [...this.record.before, from].filter((each) => each !== tab_id && each !== opener);
      this.#deps.onMoving(tab_id);
      this.#state.change({ tab: target, before: opener === null ? before : [...before, opener] });
      this.placeIs("here");
      this.updated(tab.url, tab.title); // it has gone on meanwhile, perhaps to a page that nobody may see
    } catch (thrown) {
      const { code, message } = toFlyBrowserError(thrown);
      log.warn(`stream ${stream_id} can't go to tab ${tab_id}:`, message);
      if (code === "tab_not_invoked") this.placeIs("not_invoked");
      if ((await pageOf(from)) === null && this.#target === null) setTimeout(this.#deps.onTabGone);
    }
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
    this.#recovery.check();
    // The stop may come before the host or Chrome has answered; nothing of them is left when it is over.
    const capturing = this.#capturing;
    let result = await this.#letGo(reason, capture === "live");
    if (capturing !== null) {
      await capturing.catch(() => {});
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
