// The streams of all tabs: the one place where their phases change, and what happens then.
// Never draws anything (badge, menu, popup listen to `onChange`); the steps of a start and a recovery stand beside it.
import { FlyBrowserError, type SerializedError, serializeError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Tab } from "../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import {
  NO_STREAM_STOP,
  type StartStreamResult,
  type StopStreamResult,
  type StreamInfo,
} from "../../protocol/results.ts";
import { logOf } from "../log.ts";
import type { HostConnection } from "./host-connection.ts";
import type { MediaRelay } from "./media-relay.ts";
import type { OffscreenConnection } from "./offscreen-connection.ts";
import { SerialQueue } from "./serial-queue.ts";
import { nextPhase, type Phase } from "./stream-phases.ts";
import type { StreamRecord, StreamStore } from "./stream-record.ts";
import { recoverStream } from "./stream-recovery.ts";
import { startSteps } from "./stream-start.ts";

/** What the streams work with. */
export interface StreamParts {
  readonly host: Pick<HostConnection, "connect" | "call" | "emit" | "info">;
  readonly offscreen: Pick<OffscreenConnection, "open" | "exists" | "call">;
  readonly relay: Pick<MediaRelay, "attach" | "detach" | "detachAll" | "drained">;
  readonly store: Pick<StreamStore, "load" | "save">;
  readonly getTab: (tab_id: number) => Promise<Tab>;
  readonly getMediaStreamId: (tab_id: number) => Promise<string>;
  /** A tab's phase, status or error has changed. */
  readonly onChange: (tab_id: number) => void;
}

/** What others may know of a tab's stream. */
export interface StreamView {
  readonly phase: Phase;
  readonly info: StreamInfo | null;
  readonly error: SerializedError | null;
}

/** ms in which the last chunk must reach the host after the recorder has stopped. */
const DRAIN_TIMEOUT = 2_000;

const log = logOf("streams");

/** The registry of the streams. */
export class Streams {
  readonly #parts: StreamParts;
  readonly #records = new Map<number, StreamRecord>();
  readonly #errors = new Map<number, SerializedError>();
  readonly #captures = new SerialQueue();
  readonly #stops = new Map<number, Promise<StopStreamResult>>();
  #takingOver: Promise<void> | null = null;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Tabs that have a stream in any phase. */
  get tabs(): readonly number[] {
    return [...this.#records.keys()];
  }

  /** Gives what is known of the tab's stream. */
  view(tab_id: number): StreamView {
    const record = this.#records.get(tab_id);
    return {
      phase: record?.phase ?? "idle",
      info: record?.info ?? null,
      error: this.#errors.get(tab_id) ?? null,
    };
  }

  /** The stream of a tab, once the host has opened it. */
  streamOf(tab_id: number): string | null {
    return this.#records.get(tab_id)?.identity?.stream_id ?? null;
  }

  /** Port of the host under which streams are live or were so before it died. */
  preferredPort(): number | null {
    for (const record of this.#records.values()) if (record.host_port !== null) return record.host_port;
    return null;
  }

  /**
   * Starts streaming a tab; answers when a viewer now gets a picture.
   * @throws FlyBrowserError any code of a start; nothing of it is left then
   */
  async startStream(tab_id: number, input: unknown): Promise<StartStreamResult> {
    let record: StreamRecord | null = null;
    await this.#takingOver;
    try {
      const options = parseStartStreamOptions(input);
      if (this.#records.has(tab_id)) throw new FlyBrowserError("stream_already_active");
      this.#errors.delete(tab_id);
      const tab: Tab = { tab_id, target_id: null, url: "", title: "", not_capturable: null, stream_id: null };
      record = { phase: nextPhase("idle", "starting"), tab, options, identity: null, host_port: null, info: null };
      this.#records.set(tab_id, record);
      this.#changed(tab_id);
      const result = await startSteps(this.#parts, this.#captures, record, () => this.#save());
      this.#move(record, "live");
      return result;
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      log.warn(`tab ${tab_id}: ${error.message}`);
      // Also when it was stopped meanwhile: the stop may have come before the host answered.
      if (record) await this.#undo(record, error);
      // A second start harms nothing: the running stream has no error.
      if (error.code !== "stream_already_active") this.#errors.set(tab_id, serializeError(error));
      this.#changed(tab_id);
      throw error;
    }
  }

  /** Stops the stream of a tab; with none running it says so. Twice harms nothing. */
  stopStream(tab_id: number, reason: string): Promise<StopStreamResult> {
    const running = this.#stops.get(tab_id);
    if (running) return running;
    const record = this.#records.get(tab_id);
    if (!record) return Promise.resolve(NO_STREAM_STOP);
    const stop = this.#stop(record, reason).finally(() => this.#stops.delete(tab_id));
    this.#stops.set(tab_id, stop);
    return stop;
  }

  /** The same by the stream's id. */
  stopStreamById(stream_id: string, reason: string): Promise<StopStreamResult> {
    const record = this.#byId(stream_id);
    return record ? this.stopStream(record.tab.tab_id, reason) : Promise.resolve(NO_STREAM_STOP);
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
    const records = await this.#parts.store.load();
    if (records.length === 0) return;
    for (const record of records) this.#records.set(record.tab.tab_id, record);
    const alive = (await this.#parts.offscreen.exists())
      ? await this.#parts.offscreen.call("listCaptures", {}).catch(() => [])
      : [];
    for (const record of records) {
      const stream_id = record.identity?.stream_id;
      const goesOn = stream_id !== undefined && alive.includes(stream_id);
      if (goesOn && (record.phase === "live" || record.phase === "recovering")) this.#recover(record);
      else await this.#undo(record, new FlyBrowserError("capture_failed", { reason: "the extension was restarted" }));
    }
  }

  /** The host is gone: every live stream tries to go on in a new one. */
  hostLost(): void {
    this.#parts.relay.detachAll();
    for (const record of this.#records.values()) if (record.phase === "live") this.#recover(record);
  }

  /** The connection to the offscreen document was lost for a moment: its recorders wait for a fresh run. */
  offscreenReconnected(): void {
    if (this.#takingOver !== null) return; // whoever takes over asks for a fresh run itself
    for (const record of this.#records.values()) {
      if (record.phase === "live") this.#freshRun(record, "the connection inside the extension was made anew");
    }
  }

  /** The host wants a fresh run; `orderly`: without a loss. */
  runNeeded(stream_id: string, reason: string, orderly: boolean): void {
    const record = this.#byId(stream_id);
    if (record && record.phase !== "stopping") this.#freshRun(record, reason, orderly);
  }

  /** The host has sent the status of a stream. */
  statusArrived(stream_id: string, info: StreamInfo): void {
    const record = this.#byId(stream_id);
    if (!record) return;
    record.info = info;
    this.#changed(record.tab.tab_id);
  }

  /** The host, or the capture, can't go on. */
  failed(stream_id: string, error: FlyBrowserError): void {
    const record = this.#byId(stream_id);
    if (!record || record.phase === "starting") return; // a start meets the error itself
    void this.#end(record, error);
  }

  /** Chrome has ended the capture: the tab was closed, crashed, or the user stopped it. */
  captureEnded(stream_id: string, reason: string): void {
    const record = this.#byId(stream_id);
    if (record) void this.stopStream(record.tab.tab_id, reason);
  }

  /** A tab was closed. */
  tabRemoved(tab_id: number): void {
    if (this.#records.has(tab_id)) void this.stopStream(tab_id, "the tab was closed");
    this.#errors.delete(tab_id);
  }

  /** A tab has another address (`navigated`) or title. */
  tabUpdated(tab_id: number, url: string, title: string, navigated: boolean): void {
    const record = this.#records.get(tab_id);
    // An error belongs to the page on which it happened.
    if (!record) {
      if (navigated && this.#errors.delete(tab_id)) this.#parts.onChange(tab_id);
      return;
    }
    record.tab = { ...record.tab, url, title };
    if (record.identity) this.#parts.host.emit("tab_changed", { stream_id: record.identity.stream_id, url, title });
    this.#changed(tab_id);
  }

  #byId(stream_id: string): StreamRecord | null {
    for (const record of this.#records.values()) if (record.identity?.stream_id === stream_id) return record;
    return null;
  }

  #freshRun(record: StreamRecord, reason: string, orderly = false): void {
    const stream_id = record.identity?.stream_id;
    if (stream_id === undefined) return;
    this.#parts.offscreen
      .call("restartRun", { stream_id, reason, orderly })
      .catch((error: FlyBrowserError) => this.failed(stream_id, error));
  }

  #recover(record: StreamRecord): void {
    this.#move(record, "recovering");
    recoverStream(this.#parts, record, () => this.#save()).then(
      (recovered) => {
        if (recovered) this.#move(record, "live");
      },
      (error: FlyBrowserError) => this.#end(record, error),
    );
  }

  async #stop(record: StreamRecord, reason: string): Promise<StopStreamResult> {
    const { phase } = record;
    this.#move(record, "stopping");
    const result = await this.#release(record, reason, phase === "live");
    this.#forget(record);
    if (result) return result;
    const stream_id = record.identity?.stream_id;
    if (stream_id === undefined || !record.info) return NO_STREAM_STOP;
    return { success: true, stream_id, info: { ...record.info, state: "stopped", status: "stopped" } };
  }

  /** Ends a stream that can't go on, and leaves the error to be shown. */
  async #end(record: StreamRecord, error: FlyBrowserError): Promise<void> {
    if (record.phase === "stopping" || !this.#records.has(record.tab.tab_id)) return;
    log.warn(`stream ${record.identity?.stream_id}: ${error.message}`);
    this.#errors.set(record.tab.tab_id, serializeError(error));
    await this.stopStream(record.tab.tab_id, error.message);
  }

  async #undo(record: StreamRecord, error: FlyBrowserError): Promise<void> {
    await this.#release(record, error.message, false);
    this.#forget(record);
  }

  /** Lets go of capture and host's stream; gives what the host says at the end, `null` without a host. */
  async #release(record: StreamRecord, reason: string, withTail: boolean): Promise<StopStreamResult | null> {
    const stream_id = record.identity?.stream_id;
    if (stream_id === undefined) return null;
    if (await this.#parts.offscreen.exists()) {
      await this.#parts.offscreen.call("stopCapture", { stream_id }).catch(() => {});
    }
    if (withTail) await this.#parts.relay.drained(stream_id, DRAIN_TIMEOUT);
    const result = this.#parts.host.info
      ? await this.#parts.host.call("closeStream", { stream_id, reason }).catch(() => null)
      : null;
    this.#parts.relay.detach(stream_id);
    return result;
  }

  #forget(record: StreamRecord): void {
    if (this.#records.get(record.tab.tab_id) === record) this.#records.delete(record.tab.tab_id);
    record.phase = "idle";
    this.#changed(record.tab.tab_id);
  }

  #move(record: StreamRecord, to: Phase): void {
    record.phase = nextPhase(record.phase, to);
    this.#changed(record.tab.tab_id);
  }

  #changed(tab_id: number): void {
    this.#save();
    this.#parts.onChange(tab_id);
  }

  #save(): void {
    void this.#parts.store.save([...this.#records.values()]);
  }
}
