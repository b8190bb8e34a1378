// The tabs that are captured, by tab and by the host's id: begins and ends their streams, hands each what happens to it,
// and keeps a copy from which a restarted service worker takes over.
import { Deadline, sleep, timeout } from "../../protocol/async.ts";
import { FlyBrowserError, type SerializedError, serializeError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { PopupState } from "../../protocol/extension-messages.ts";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import {
  NO_STREAM_STOP,
  type StartStreamResult,
  type StopStreamResult,
  type StreamInfo,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { logOf } from "../log.ts";
import { CapturedTab, type CapturedTabDependencies } from "./captured-tab.ts";
import { joinOptions } from "./encoding.ts";
import { goesOn, newRecord, restored, streamPhase, type TabRecord } from "./tab-record.ts";

/** What {@link CapturedTabs} works with. */
export interface CapturedTabsDependencies
  extends Pick<CapturedTabDependencies, "host" | "media" | "getTab" | "pageOf"> {
  readonly isMuted: (tab_id: number) => Promise<boolean>;
  readonly store: {
    load(): Promise<readonly TabRecord[]>;
    save(records: TabRecord[]): Promise<void>;
  };
  /** What is known of a tab has changed. */
  readonly onChange: (tab_id: number) => void;
  /** A stream has gone along to another tab. */
  readonly onMoved: (tab_id: number, before_id: number) => void;
  /** The tab of a stream that follows is gone. */
  readonly onTabGone: (tab: CapturedTab) => void;
}

/** What others may know of a tab's stream. */
export interface StreamView {
  readonly phase: PopupState["phase"];
  readonly info: StreamInfo | null;
  readonly error: SerializedError | null;
}

/** ms for which what is asked for meanwhile waits for a tab to go on in a new host. */
const RECOVERY_AWAITED = 20_000;
/** ms between two looks at the pages of the captured tabs. */
const LOOK_EVERY = 1_000;
/** ms between the end of a capture and the event that tells that its tab has another id now. */
const REPLACED_WITHIN = 500;

const log = logOf("tabs");

/** The registry of captured tabs. */
export class CapturedTabs {
  readonly #deps: CapturedTabsDependencies;
  readonly #tabs = new Map<number, CapturedTab>();
  /** The last error of each tab, captured or not. */
  readonly #errors = new Map<number, SerializedError>();
  /** Starts that still wait for an earlier step of their tab, and why one of them is no longer wanted. */
  readonly #waiting = new Map<number, { stopped: string | null }>();
  #takingOver: Promise<void> | null = null;
  #looks: ReturnType<typeof setInterval> | undefined;

  constructor(dependencies: CapturedTabsDependencies) {
    this.#deps = dependencies;
  }

  /** Those that are captured, for whatever. */
  get all(): readonly CapturedTab[] {
    return [...this.#tabs.values()];
  }

  /** One of them. */
  get(tab_id: number): CapturedTab | undefined {
    return this.#tabs.get(tab_id);
  }

  /** The same by the host's id. */
  byStream(stream_id: string): CapturedTab | undefined {
    return this.all.find((tab) => tab.stream_id === stream_id);
  }

  /** The same, for a call that needs it. @throws FlyBrowserError `no_active_stream` */
  require(stream_id: string): CapturedTab {
    const tab = this.byStream(stream_id);
    if (!tab) throw new FlyBrowserError("no_active_stream");
    return tab;
  }

  /** What is known of the tab's stream. */
  view(tab_id: number): StreamView {
    const record = this.get(tab_id)?.record;
    return {
      phase: streamPhase(record),
      info: record?.stream === "none" ? null : (record?.info ?? null),
      error: this.#errors.get(tab_id) ?? null,
    };
  }

  /** The stream of a tab, once the host has opened it; a tab that is only recorded has none. */
  streamOf(tab_id: number): string | null {
    const tab = this.get(tab_id);
    return !tab || tab.record.stream === "none" ? null : tab.stream_id;
  }

  /** Whether viewers may see what is captured under this id: it is a stream, and isn't being stopped. */
  isSeen(stream_id: string): boolean {
    const record = this.byStream(stream_id)?.record;
    return record !== undefined && ["starting", "live"].includes(record.stream) && record.capture !== "stopping";
  }

  /** The last status of every stream that goes on, without its tasks, which may be many. */
  lastInfos(): StreamInfo[] {
    const going = this.all.filter(({ record }) => goesOn(record) && record.stream === "live");
    return going.flatMap(({ record: { info } }) => (info ? [{ ...info, tasks: [] }] : []));
  }

  /** Port of the host under which tabs are captured, or were so before it died. */
  preferredPort(): number | null {
    return this.all.find(({ record }) => record.host_port !== null)?.record.host_port ?? null;
  }

  /** Session of that host. */
  hostSession(): string | null {
    return this.all.find(({ record }) => record.host_session !== null)?.record.host_session ?? null;
  }

  /**
   * Starts streaming a tab (with `admit_tabs`, it goes along only to tabs that are admitted); answers when a viewer now gets video. One that is recorded already is not captured again.
   * @throws FlyBrowserError any code of a start; nothing of it is left then
   */
  async startStream(tab_id: number, input: unknown, admit_tabs = false): Promise<StartStreamResult> {
    try {
      const options = parseStartStreamOptions(input);
      await this.#turnOf(tab_id);
      const tab = this.get(tab_id);
      if (tab && tab.record.stream !== "none") throw new FlyBrowserError("stream_already_active");
      this.setError(tab_id, null);
      if (tab) tab.admitOnly(admit_tabs);
      if (tab) return await tab.publish(joinOptions(tab.record.options, options, input));
      const admitted = admit_tabs ? [tab_id] : null;
      const result = await this.add({ ...newRecord(tab_id, options, "stream"), admitted }).start();
      if (!result) throw new FlyBrowserError("no_active_stream");
      return result;
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      // A second start harms nothing: the running stream has no error. And who stopped a start needs no telling.
      if (!["stream_already_active", "start_stopped"].includes(error.code)) this.setError(tab_id, error);
      throw error;
    }
  }

  /** Stops the stream of a tab; a recording of it goes on. With none running it says so. Twice harms nothing. */
  async stopStream(tab_id: number, reason: string): Promise<StopStreamResult> {
    const waiting = this.#waiting.get(tab_id);
    if (waiting) waiting.stopped = reason;
    return this.get(tab_id)?.stopStream(reason) ?? NO_STREAM_STOP;
  }

  /** A tab whose capture is about to begin. */
  add(record: TabRecord): CapturedTab {
    const { host, media, getTab, pageOf } = this.#deps;
    const tab: CapturedTab = new CapturedTab(
      {
        ...{ host, media, getTab, pageOf },
        onChange: () => this.#changed(tab),
        onMoving: (tab_id) => this.#rekey(tab, tab_id),
        onTabGone: () => this.#deps.onTabGone(tab),
        onError: (error) => void this.#errors.set(tab.tab_id, serializeError(error)),
      },
      record,
    );
    this.#tabs.set(tab.tab_id, tab);
    this.#changed(tab);
    return tab;
  }

  /** Waits for the step that is under way of a tab, as long as `matters` says so; for a new host not for ever. */
  async settled(tab_id: number, matters: (record: TabRecord) => boolean): Promise<void> {
    await this.#takingOver;
    const deadline = new Deadline(RECOVERY_AWAITED);
    for (;;) {
      const tab = this.get(tab_id);
      if (!tab || !matters(tab.record)) return;
      const { busy, recovery } = tab;
      if (busy !== null) await Promise.allSettled([busy]);
      else if (recovery !== null && !deadline.passed) await timeout(recovery, deadline.left);
      else return;
    }
  }

  /** Waits until a stream of the tab can start. @throws FlyBrowserError `start_stopped` */
  async #turnOf(tab_id: number): Promise<void> {
    const waiting = this.#waiting.get(tab_id) ?? { stopped: null };
    this.#waiting.set(tab_id, waiting);
    await this.settled(
      tab_id,
      ({ stream, capture }) => stream === "none" || stream === "stopping" || capture === "stopping",
    );
    if (this.#waiting.get(tab_id) === waiting) this.#waiting.delete(tab_id);
    if (waiting.stopped !== null) throw new FlyBrowserError("start_stopped", { reason: waiting.stopped });
  }

  /** Keeps an error for the popup; `null`: forgets it. */
  setError(tab_id: number, error: FlyBrowserError | null): void {
    if (error) this.#errors.set(tab_id, serializeError(error));
    else if (!this.#errors.delete(tab_id)) return;
    this.#deps.onChange(tab_id);
  }

  /** A service worker that was just started takes over what the last one left. */
  takeOver(): Promise<void> {
    this.#takingOver = this.#takeOver()
      .catch((thrown: unknown) => log.warn("could not take over", thrown))
      .finally(() => {
        this.#takingOver = null;
      });
    return this.#takingOver;
  }

  /** The host is gone, or (`lives`) only the way to it: every tab that is captured tries to go on in a new one, or in the same. */
  hostLost(lives = false): void {
    this.#deps.media.hostLost();
    for (const tab of this.all) tab.hostLost(lives);
  }

  /** The offscreen document is gone, and all captures with it. */
  capturesLost(): void {
    for (const tab of this.all) tab.captureLost();
  }

  /** The connection to the offscreen document was lost for a moment: its recorders wait for a fresh run. */
  offscreenReconnected(): void {
    if (this.#takingOver !== null) return; // whoever takes over asks for a fresh run itself
    for (const tab of this.all) {
      if (tab.record.capture === "live") tab.restartRun("the connection inside the extension was made anew", false);
    }
  }

  /** A capture has ended by itself: its tab was closed or discarded, or its user has ended it in Chrome. */
  async captureEnded(stream_id: string, reason: string): Promise<void> {
    const tab = this.byStream(stream_id);
    if (!tab) return;
    if (tab.record.capture === "recovering") {
      tab.captureLost(); // the one that has ended is not the one that is on its way
      return;
    }
    const { tab_id, recoveries } = tab;
    let page = await this.#deps.pageOf(tab_id);
    if (page === null || page === "running") {
      // Chrome tells of a tab that it has discarded a moment later, and somebody may have loaded that again already.
      await sleep(REPLACED_WITHIN);
      page = await this.#deps.pageOf(tab.tab_id);
    }
    if (tab.tab_id !== tab_id || tab.recoveries > recoveries) return; // it is captured again
    if (page === null || page === "running") await tab.release(reason);
    else tab.pageIs(page);
  }

  /** Looks at the captured tabs: whether a page has crashed, was discarded, or is back; whether one is muted. */
  async lookAtPages(): Promise<void> {
    await Promise.all(
      this.all.map(async (tab) => {
        const { tab_id } = tab;
        const [page, muted] = await Promise.all([this.#deps.pageOf(tab_id), this.#deps.isMuted(tab_id)]);
        if (page !== null) tab.pageIs(page);
        if (page !== null && tab.tab_id === tab_id) tab.mutedIs(muted);
      }),
    );
  }

  /** Chrome has discarded a tab, which may be loaded again by now. */
  tabDiscarded(tab_id: number): void {
    this.get(tab_id)?.pageIs("discarded");
  }

  /** A tab has another id: Chrome has discarded it, and its capture has ended. */
  tabReplaced(tab_id: number, replaced_id: number): void {
    const tab = this.get(replaced_id);
    if (!tab) return;
    this.#tabs.delete(replaced_id);
    this.#tabs.set(tab_id, tab);
    tab.replaced(tab_id);
    this.#deps.onChange(replaced_id);
  }

  /** A tab was closed. */
  tabRemoved(tab_id: number): void {
    void this.get(tab_id)?.release("the tab was closed");
    this.#errors.delete(tab_id);
  }

  /** A tab has another address (`navigated`) or title. */
  tabUpdated(tab_id: number, url: string, title: string, navigated: boolean): void {
    const tab = this.get(tab_id);
    if (tab) tab.updated(url, title);
    // An error belongs to the page on which it happened.
    else if (navigated) this.setError(tab_id, null);
  }

  #rekey(tab: CapturedTab, tab_id: number): void {
    const { tab_id: before_id } = tab;
    this.#tabs.delete(before_id);
    this.#tabs.set(tab_id, tab);
    this.#deps.onMoved(tab_id, before_id);
  }

  #changed(tab: CapturedTab): void {
    const { tab_id } = tab;
    if (tab.record.capture === "ended" && this.get(tab_id) === tab) this.#tabs.delete(tab_id);
    if (this.#tabs.size === 0) {
      clearInterval(this.#looks);
      this.#looks = undefined;
    } else this.#looks ??= setInterval(() => void this.lookAtPages(), LOOK_EVERY);
    void this.#deps.store.save(this.all.map(({ record }) => record)).catch(() => {}); // for a successor alone
    this.#deps.onChange(tab_id);
  }

  async #takeOver(): Promise<void> {
    const tabs = (await this.#deps.store.load()).map((record) => this.add(restored(record)));
    const wanted = tabs.filter(({ record }) => goesOn(record));
    for (const tab of wanted) tab.recover();
    const over = new FlyBrowserError("capture_failed", { reason: sentence("capture.extension_restarted") });
    for (const tab of tabs) if (!wanted.includes(tab)) await tab.release(over.message);
  }
}
