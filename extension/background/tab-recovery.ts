// How a captured tab goes on after its host, its capture or its page has gone: same id, same token, same links. It knows what
// the host at hand knows of it, and waits for a page that must be loaded again.
import { Deadline } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { type ErrorCode, FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureCondition } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { logOf } from "../log.ts";
import type { HostStreams } from "./host-streams.ts";
import { retry } from "./retry.ts";
import type { TabMedia } from "./tab-media.ts";
import type { TabState } from "./tab-record.ts";
import type { PageCondition } from "./tabs.ts";

/** What a {@link TabRecovery} works with. */
export interface TabRecoveryDependencies {
  readonly host: HostStreams;
  readonly media: TabMedia;
  /** How the page of a tab is doing; `null`: there is no such tab. */
  readonly pageOf: (tab_id: number) => Promise<PageCondition | null>;
}

/** ms after which a tab without a host ends. */
const GIVE_UP_AFTER = 60_000;
/** Errors that no further attempt can mend. */
const FINAL = new Set<ErrorCode>([
  ...(["host_not_installed", "version_mismatch", "ffmpeg_not_found", "no_active_stream"] as const),
  ...(["tab_not_invoked", "tab_not_capturable", "tab_not_found", "capture_failed"] as const),
]);
/**
 * …but for these for a moment: a tab that Chrome discards has another id before that is told, and can't be captured while it is put in
 * another's place or comes to the front.
 */
const PASSING = new Set<ErrorCode>(["tab_not_found", "capture_failed"]);
/** ms; that moment, from the beginning, and once more from when there is a page to capture. */
const SETTLES_WITHIN = 2_000;

const log = logOf("recovery");

/** The recovery of one captured tab. */
export class TabRecovery {
  readonly #deps: TabRecoveryDependencies;
  readonly #state: TabState;
  readonly #onFailed: (error: FlyBrowserError) => void;
  /** Something has changed that an attempt may wait for. */
  readonly #changes = new Emitter();
  #running: Promise<void> | null = null;
  #times = 0;
  /** Whether the host at hand knows the tab. */
  #hosted = false;
  /** How its capture is doing, as the host was told. */
  #condition: CaptureCondition = "running";
  #page: PageCondition = "running";
  /** Its capture was lost once more while it was recovering. */
  #lostAgain = false;

  /** `onFailed`: it can't go on. */
  constructor(dependencies: TabRecoveryDependencies, state: TabState, onFailed: (error: FlyBrowserError) => void) {
    this.#deps = dependencies;
    this.#state = state;
    this.#onFailed = onFailed;
  }

  /** Resolves once it goes on, or has ended; `null`: it needs no recovery. */
  get running(): Promise<void> | null {
    return this.#running;
  }

  /** How often it has begun to recover. */
  get times(): number {
    return this.#times;
  }

  /** The host at hand has opened it. */
  hostKnows(): void {
    this.#hosted = true;
  }

  /** The host has gone, or (`lives`) only the way to it. */
  hostLost(lives: boolean): void {
    this.#hosted = false;
    this.#changes.emit();
    const { capture, identity } = this.#state.record;
    if (capture !== "live") return;
    this.begin();
    // The next host gets a run from its beginning: it begins now, and its first media wait until that host is there.
    if (identity && this.#condition === "running" && !lives)
      this.#deps.media.restart(identity.stream_id, "the host has gone", false).catch(() => {}); // there, it is begun anew
  }

  /** Its capture has gone: the tab is captured again, where Chrome allows it. */
  captureLost(): void {
    const { capture } = this.#state.record;
    if (capture === "live") {
      this.#conditionIs("lost");
      this.begin();
    } else if (capture === "recovering") {
      this.#lostAgain = true;
      this.#changes.emit();
    }
  }

  /** How its page is doing. A page that has crashed keeps its capture, a discarded tab doesn't; both are waited for. */
  pageIs(page: PageCondition): void {
    const { capture } = this.#state.record;
    if (page === this.#page || (capture !== "live" && capture !== "recovering")) return;
    this.#page = page;
    this.#changes.emit();
    if (page !== "running" || capture === "live") this.#conditionIs(page);
    if (page === "discarded" && capture === "live") this.begin();
  }

  /** Whether it is still wanted has changed. */
  check(): void {
    this.#changes.emit();
  }

  /** Begins to recover. */
  begin(): void {
    this.#times += 1;
    this.#state.change({ capture: "recovering" });
    const running = this.#recover()
      .catch(this.#onFailed)
      .finally(() => {
        if (this.#running === running) this.#running = null;
      });
    this.#running = running;
  }

  async #recover(): Promise<void> {
    let deadline = new Deadline(GIVE_UP_AFTER);
    let settled = new Deadline(SETTLES_WITHIN);
    let connected = false;
    let back = false;
    const renew = () => {
      deadline = new Deadline(GIVE_UP_AFTER);
    };
    const wanted = () => this.#state.recovering;
    const isFinal = ({ code }: FlyBrowserError) => {
      // One that was there and died is no reason to give up: the next one may live.
      if (code === "host_lost" && connected) renew();
      connected = false;
      if (PASSING.has(code) && !settled.passed) return false;
      return FINAL.has(code) || deadline.passed;
    };
    const reached = {
      connected: () => {
        connected = true;
      },
      pageIsBack: () => {
        renew();
        if (!back) settled = new Deadline(SETTLES_WITHIN);
        back = true;
      },
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
    const at = await host.connect();
    reached.connected();
    if (!this.#state.recovering) return; // who let it go found no host to tell
    const { identity: last } = this.#state.record;
    if (!last) throw new FlyBrowserError("no_active_stream");
    const stopped = () => this.#state.recovering && this.#state.onlyRecorded;
    if (!this.#hosted) {
      const identity = await host.resume(this.#state.record, last, stopped);
      if (!this.#state.recovering) return; // who let it go has told the host
      this.#hosted = true;
      this.#state.change({ identity, ...at });
      const { place, muted } = this.#state.record;
      if (muted) host.mutedChanged(last.stream_id, muted);
      if (place !== "here") host.placeChanged(last.stream_id, place);
      if (this.#condition !== "running") host.captureChanged(last.stream_id, this.#condition);
    }
    const check = () => {
      if (!this.#state.recovering) throw new FlyBrowserError("no_active_stream");
    };
    await this.#pageBack();
    reached.pageIsBack();
    if (!this.#state.recovering) return;
    this.#lostAgain = false; // what was lost until now is the capture before
    const goes_on = await this.#goOnFromThere(last.stream_id);
    if (!goes_on) await media.goOn(this.#state.record.tab.tab_id, last.stream_id, this.#state.record.options, check);
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

  /** A host that has the stream already, or that gets a run from its beginning, lacks only what was under way. */
  async #goOnFromThere(stream_id: string): Promise<boolean> {
    if (this.#condition !== "running") return false; // it is its capture that has gone
    const { host, media } = this.#deps;
    try {
      return await media.goOnFrom(stream_id, await host.taken(stream_id));
    } catch (thrown) {
      log.warn("its run can't go on:", toFlyBrowserError(thrown).message);
      return false;
    }
  }

  /** Waits until there is a page to capture, or nobody wants it. @throws FlyBrowserError `host_lost`, `tab_not_found` */
  async #pageBack(): Promise<void> {
    const page = await this.#deps.pageOf(this.#state.record.tab.tab_id);
    if (page === null) throw new FlyBrowserError("tab_not_found", { tab: String(this.#state.record.tab.tab_id) });
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
    const { identity } = this.#state.record;
    if (condition === this.#condition) return;
    this.#condition = condition;
    if (identity !== null) this.#deps.host.captureChanged(identity.stream_id, condition);
  }
}
