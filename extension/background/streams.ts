// What happens to captured tabs, and when: the one place that moves them from phase to phase. A tab is captured for its stream,
// for its recording (tab-recordings.ts), or for both, and let go when neither needs it. Never keeps what is known of them
// (captured-tabs.ts); the steps of a start, a take-over, a recovery and an end stand beside it.
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Tab } from "../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import { NO_STREAM_STOP, type StartStreamResult, type StopStreamResult } from "../../protocol/results.ts";
import { logOf } from "../log.ts";
import { within } from "./backoff.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import type { HostConnection } from "./host-connection.ts";
import { joinOptions } from "./joining.ts";
import type { MediaRelay } from "./media-relay.ts";
import type { OffscreenConnection } from "./offscreen-connection.ts";
import { SerialQueue } from "./serial-queue.ts";
import { publishSteps, unpublishSteps } from "./stream-publishing.ts";
import { newRecord, type StreamRecord } from "./stream-record.ts";
import { recoverStream } from "./stream-recovery.ts";
import { releaseSteps } from "./stream-release.ts";
import { startSteps } from "./stream-start.ts";
import { leftBehind } from "./stream-take-over.ts";

/** What the streams work with. */
export interface StreamParts {
  readonly host: Pick<HostConnection, "connect" | "call" | "emit" | "info">;
  readonly offscreen: Pick<OffscreenConnection, "open" | "exists" | "call">;
  readonly relay: Pick<MediaRelay, "attach" | "detach" | "detachAll" | "drained">;
  readonly captured: CapturedTabs;
  readonly getTab: (tab_id: number) => Promise<Tab>;
  readonly getMediaStreamId: (tab_id: number) => Promise<string>;
}

/** ms for which what is asked for meanwhile waits for a stream to be recovered. */
const RECOVERY_AWAITED = 20_000;

const log = logOf("streams");

/** Begins them, brings them back, ends them. */
export class Streams {
  readonly #parts: StreamParts;
  readonly #captured: CapturedTabs;
  readonly #captures = new SerialQueue();
  /** What is under way of a tab's capture, and what is of its stream alone. */
  readonly #starts = new Map<number, Promise<unknown>>();
  readonly #stops = new Map<number, Promise<StopStreamResult>>();
  readonly #unpublishing = new Map<number, Promise<StopStreamResult>>();
  readonly #recoveries = new Map<number, Promise<void>>();
  #takingOver: Promise<void> | null = null;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#captured = parts.captured;
  }

  /**
   * Starts streaming a tab; answers when a viewer now gets a picture. One that is recorded already is not captured again.
   * @throws FlyBrowserError any code of a start; nothing of it is left then
   */
  async startStream(tab_id: number, input: unknown): Promise<StartStreamResult> {
    try {
      const options = parseStartStreamOptions(input);
      await this.settle(tab_id, ({ stream }) => stream === "none");
      const record = this.#captured.recordOf(tab_id);
      if (record && record.stream !== "none") throw new FlyBrowserError("stream_already_active");
      this.#captured.noteError(tab_id, null);
      if (record) return await publishSteps(this.#parts, record, joinOptions(record.options, options, input));
      const result = await this.capture(newRecord(tab_id, options, true));
      if (!result) throw new FlyBrowserError("no_active_stream");
      return result;
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      // A second start harms nothing: the running stream has no error.
      if (error.code !== "stream_already_active") this.#captured.setError(tab_id, error);
      throw error;
    }
  }

  /** Stops the stream of a tab; a recording of it goes on. With none running it says so. Twice harms nothing. */
  stopStream(tab_id: number, reason: string): Promise<StopStreamResult> {
    const record = this.#captured.recordOf(tab_id);
    const running = this.#stops.get(tab_id) ?? this.#unpublishing.get(tab_id);
    if (running) return record?.stream === "none" ? Promise.resolve(NO_STREAM_STOP) : running;
    if (!record || record.stream === "none") return Promise.resolve(NO_STREAM_STOP);
    if (!record.recorded) return this.release(tab_id, reason);
    const stop = this.#unpublish(record, reason).finally(() => this.#unpublishing.delete(tab_id));
    this.#unpublishing.set(tab_id, stop);
    return stop;
  }

  /** The same by the stream's id. */
  stopStreamById(stream_id: string, reason: string): Promise<StopStreamResult> {
    const record = this.#captured.recordById(stream_id);
    return record ? this.stopStream(record.tab.tab_id, reason) : Promise.resolve(NO_STREAM_STOP);
  }

  /**
   * Captures a tab, for viewers or (`stream` of its record is `none`, the answer then `null`) for a recording alone.
   * @throws FlyBrowserError any code of a start; nothing of it is left then
   */
  async capture(record: StreamRecord): Promise<StartStreamResult | null> {
    const { tab_id } = record.tab;
    this.#captured.add(record);
    const start = startSteps(this.#parts, this.#captures, record);
    this.#starts.set(tab_id, start);
    try {
      const result = await start;
      if (record.stream === "starting") record.stream = "live";
      this.#captured.move(record, "live");
      return result;
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      log.warn(`tab ${tab_id}: ${error.message}`);
      // Also when it was stopped meanwhile: the stop may have come before the host answered.
      await this.#undo(record, error);
      throw error;
    } finally {
      if (this.#starts.get(tab_id) === start) this.#starts.delete(tab_id);
    }
  }

  /** Ends the capture of a tab, whoever needs it: its stream, and its recording. Twice harms nothing. */
  release(tab_id: number, reason: string): Promise<StopStreamResult> {
    const running = this.#stops.get(tab_id);
    if (running) return running;
    const record = this.#captured.recordOf(tab_id);
    if (!record) return Promise.resolve(NO_STREAM_STOP);
    const stop = this.#stop(record, reason).finally(() => this.#stops.delete(tab_id));
    this.#stops.set(tab_id, stop);
    return stop;
  }

  /** Waits until what is under way of a captured tab is done, as far as it is `worth` that; for a new host not for ever. */
  async settle(tab_id: number, worth: (record: StreamRecord) => boolean): Promise<void> {
    await this.#takingOver;
    const deadline = Date.now() + RECOVERY_AWAITED;
    for (;;) {
      const record = this.#captured.recordOf(tab_id);
      if (!record || !worth(record)) return;
      const busy = this.#stops.get(tab_id) ?? this.#unpublishing.get(tab_id) ?? this.#starts.get(tab_id);
      const recovery = this.#recoveries.get(tab_id);
      if (busy) await Promise.allSettled([busy]);
      else if (recovery && Date.now() < deadline) await within(recovery, deadline - Date.now());
      else return;
    }
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

  async #takeOver(): Promise<void> {
    const { wanted, over } = await leftBehind(this.#parts);
    for (const record of wanted) this.#recover(record);
    for (const record of over) {
      await this.#undo(record, new FlyBrowserError("capture_failed", { reason: "the extension was restarted" }));
    }
  }

  /** The host is gone: every live stream tries to go on in a new one. */
  hostLost(): void {
    this.#parts.relay.detachAll();
    for (const record of this.#captured.records) if (record.phase === "live") this.#recover(record);
  }

  /** The connection to the offscreen document was lost for a moment: its recorders wait for a fresh run. */
  offscreenReconnected(): void {
    if (this.#takingOver !== null) return; // whoever takes over asks for a fresh run itself
    for (const record of this.#captured.records) {
      if (record.phase === "live") this.#freshRun(record, "the connection inside the extension was made anew");
    }
  }

  /** The host wants a fresh run; `orderly`: without a loss. */
  runNeeded(stream_id: string, reason: string, orderly: boolean): void {
    const record = this.#captured.recordById(stream_id);
    if (record && record.phase !== "stopping") this.#freshRun(record, reason, orderly);
  }

  /** The host, or the capture, can't go on. */
  failed(stream_id: string, error: FlyBrowserError): void {
    const record = this.#captured.recordById(stream_id);
    if (!record || record.phase === "starting") return; // a start meets the error itself
    void this.#end(record, error);
  }

  /** Chrome has ended the capture: the tab was closed, crashed, or the user stopped it. */
  captureEnded(stream_id: string, reason: string): void {
    const record = this.#captured.recordById(stream_id);
    if (record) void this.release(record.tab.tab_id, reason);
  }

  /** A tab was closed. */
  tabRemoved(tab_id: number): void {
    if (this.#captured.recordOf(tab_id)) void this.release(tab_id, "the tab was closed");
    this.#captured.noteError(tab_id, null);
  }

  /** A tab has another address (`navigated`) or title. */
  tabUpdated(tab_id: number, url: string, title: string, navigated: boolean): void {
    const record = this.#captured.recordOf(tab_id);
    // An error belongs to the page on which it happened.
    if (!record) {
      if (navigated && this.#captured.view(tab_id).error) this.#captured.setError(tab_id, null);
      return;
    }
    record.tab = { ...record.tab, url, title };
    if (record.identity) this.#parts.host.emit("tab_changed", { stream_id: record.identity.stream_id, url, title });
    this.#captured.recordChanged(record);
  }

  #freshRun(record: StreamRecord, reason: string, orderly = false): void {
    const stream_id = record.identity?.stream_id;
    if (stream_id === undefined) return;
    this.#parts.offscreen
      .call("restartRun", { stream_id, reason, orderly })
      .catch((error: FlyBrowserError) => this.failed(stream_id, error));
  }

  #recover(record: StreamRecord): void {
    this.#captured.move(record, "recovering");
    const { tab_id } = record.tab;
    const recovery = recoverStream(this.#parts, record)
      .then(
        (recovered) => {
          if (recovered) this.#captured.move(record, "live");
        },
        (error: FlyBrowserError) => this.#end(record, error),
      )
      .finally(() => {
        if (this.#recoveries.get(tab_id) === recovery) this.#recoveries.delete(tab_id);
      });
    this.#recoveries.set(tab_id, recovery);
  }

  async #unpublish(record: StreamRecord, reason: string): Promise<StopStreamResult> {
    const result = await unpublishSteps(this.#parts, record, reason);
    // Its recording may have ended while the stream did.
    if (!record.recorded) void this.release(record.tab.tab_id, reason);
    return result;
  }

  async #stop(record: StreamRecord, reason: string): Promise<StopStreamResult> {
    const { phase } = record;
    this.#captured.move(record, "stopping");
    const result = await releaseSteps(this.#parts, record, reason, phase === "live");
    this.#captured.forget(record);
    if (result) return result;
    const stream_id = record.identity?.stream_id;
    if (stream_id === undefined || !record.info) return NO_STREAM_STOP;
    return { success: true, stream_id, info: { ...record.info, state: "stopped", status: "stopped" } };
  }

  /** Ends a stream that can't go on, and leaves the error to be shown. */
  async #end(record: StreamRecord, error: FlyBrowserError): Promise<void> {
    if (record.phase === "stopping" || this.#captured.recordOf(record.tab.tab_id) !== record) return;
    log.warn(`stream ${record.identity?.stream_id}: ${error.message}`);
    this.#captured.noteError(record.tab.tab_id, error);
    await this.release(record.tab.tab_id, error.message);
  }

  async #undo(record: StreamRecord, error: FlyBrowserError): Promise<void> {
    await releaseSteps(this.#parts, record, error.message, false);
    this.#captured.forget(record);
  }
}
