// The recordings of the tabs: each begins with the tab's stream or with a capture of its own, and goes on until it is stopped,
// whatever the stream does. Never captures anything itself (streams.ts), and never writes a file: the host does.
import { deserializeError, FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { RECORDING_PHASES } from "../../protocol/extension-messages.ts";
import type { Quality } from "../../protocol/profiles.ts";
import type { RecordingInfo, StartRecordingResult, StopRecordingResult } from "../../protocol/results.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import type { HostConnection } from "./host-connection.ts";
import { recordingEncoding } from "./joining.ts";
import { assertHosted } from "./stream-publishing.ts";
import { newRecord, type StreamRecord } from "./stream-record.ts";
import type { Streams } from "./streams.ts";

/** What the recordings work with. */
export interface RecordingParts {
  readonly streams: Pick<Streams, "settle" | "capture" | "release">;
  readonly captured: Pick<CapturedTabs, "recordOf" | "recordById" | "records" | "setError" | "recordChanged">;
  readonly host: Pick<HostConnection, "call">;
  /** What is known of a tab's recording has changed. */
  readonly onChange: (tab_id: number) => void;
}

/** What others may know of a tab's recording. */
export interface RecordingView {
  readonly phase: (typeof RECORDING_PHASES)[number];
  readonly info: RecordingInfo | null;
}

const STOPPED = "the recording was stopped";

/** Keeps them. */
export class TabRecordings {
  readonly #parts: RecordingParts;
  /** What the host said last, by tab; also of one that is over, until the next one of the tab. */
  readonly #infos = new Map<number, RecordingInfo>();
  readonly #starts = new Map<number, Promise<StartRecordingResult>>();
  readonly #stops = new Map<number, Promise<StopRecordingResult>>();

  constructor(parts: RecordingParts) {
    this.#parts = parts;
  }

  /** What is known of a tab's recording. */
  view(tab_id: number): RecordingView {
    const info = this.#infos.get(tab_id) ?? null;
    const recorded = this.#parts.captured.recordOf(tab_id)?.recorded === true;
    const phase = (): RecordingView["phase"] => {
      if (this.#starts.has(tab_id)) return "starting";
      if (this.#stops.has(tab_id) && info?.status === "recording") return "stopping";
      if (info?.status === "finishing") return "finishing";
      return recorded ? "recording" : "idle";
    };
    return { phase: phase(), info };
  }

  /** Recordings that go on in the next host. */
  resumes(): string[] {
    return this.#parts.captured.records.flatMap(({ recorded, recording_id }) => (recorded && recording_id) || []);
  }

  /**
   * Records a tab; answers when the host records. `quality`: of a tab that isn't streamed; left out: the default.
   * @throws FlyBrowserError `recording_already_active`; any code of a start, and of `startRecording`
   */
  start(tab_id: number, options: unknown, quality?: Quality): Promise<StartRecordingResult> {
    if (this.#starts.has(tab_id)) return Promise.reject(new FlyBrowserError("recording_already_active"));
    const start = this.#start(tab_id, options, quality).finally(() => {
      this.#starts.delete(tab_id);
      this.#parts.onChange(tab_id);
    });
    this.#starts.set(tab_id, start);
    this.#parts.onChange(tab_id);
    return start;
  }

  /**
   * Ends the recording of a tab and, when nobody sees it, its capture; gives the file, if it is made soon.
   * @throws FlyBrowserError `no_active_recording`; `recording_failed`
   */
  stop(tab_id: number): Promise<StopRecordingResult> {
    const running = this.#stops.get(tab_id);
    if (running) return running;
    const stop = this.#stop(tab_id).finally(() => {
      this.#stops.delete(tab_id);
      this.#parts.onChange(tab_id);
    });
    this.#stops.set(tab_id, stop);
    this.#parts.onChange(tab_id);
    return stop;
  }

  /** The same by the host's id of what is captured. @throws FlyBrowserError `no_active_recording`; `recording_failed` */
  stopById(stream_id: string): Promise<StopRecordingResult> {
    const record = this.#parts.captured.recordById(stream_id);
    return record ? this.stop(record.tab.tab_id) : this.#parts.host.call("stopRecording", { stream_id });
  }

  /** The host tells of a recording. */
  changed(info: RecordingInfo): void {
    const record = this.#parts.captured.recordById(info.stream_id);
    const tab_id = record?.tab.tab_id ?? this.#tabOf(info.recording_id);
    if (tab_id === null) return; // a leftover of who knows whom
    this.#infos.set(tab_id, info);
    if (record && !this.#stops.has(tab_id)) this.#follow(record, info);
    this.#parts.onChange(tab_id);
  }

  /** The host still makes a file: it must not be let go meanwhile. */
  get unfinished(): boolean {
    return [...this.#infos.values()].some(({ status }) => status === "finishing");
  }

  /** A tab was closed. */
  tabRemoved(tab_id: number): void {
    const status = this.#infos.get(tab_id)?.status;
    if (status !== "recording" && status !== "finishing") this.#infos.delete(tab_id);
  }

  /** What a program has begun at the host counts as well; one that ended by itself lets its tab go. */
  #follow(record: StreamRecord, info: RecordingInfo): void {
    const { streams, captured } = this.#parts;
    const { tab_id } = record.tab;
    if (info.status === "recording") {
      const known = record.recorded && record.recording_id === info.recording_id;
      record.recorded = true;
      record.recording_id = info.recording_id;
      if (!known) captured.recordChanged(record);
    } else if (record.recording_id === info.recording_id) {
      record.recorded = false;
      record.recording_id = null;
      if (info.error) captured.setError(tab_id, deserializeError(info.error));
      if (record.stream === "none") void streams.release(tab_id, "its recording has ended");
      else captured.recordChanged(record);
    }
  }

  async #start(tab_id: number, options: unknown, quality: Quality | undefined): Promise<StartRecordingResult> {
    const { streams, captured } = this.#parts;
    try {
      const encoding = recordingEncoding(options, quality);
      await streams.settle(tab_id, ({ phase, recorded }) => phase !== "recovering" || !recorded);
      let record = captured.recordOf(tab_id);
      if (record?.recorded) throw new FlyBrowserError("recording_already_active");
      this.#infos.delete(tab_id);
      captured.setError(tab_id, null);
      if (record) record.recorded = true;
      else {
        record = newRecord(tab_id, encoding, false);
        await streams.capture(record);
      }
      return await this.#begin(record, options);
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      if (error.code !== "recording_already_active") captured.setError(tab_id, error);
      throw error;
    }
  }

  async #begin(record: StreamRecord, options: unknown): Promise<StartRecordingResult> {
    const { streams, captured, host } = this.#parts;
    try {
      const stream_id = record.identity?.stream_id;
      if (stream_id === undefined) throw new FlyBrowserError("no_active_stream");
      assertHosted(record);
      const result = await host.call("startRecording", { stream_id, options });
      record.recording_id = result.recording_id;
      captured.recordChanged(record);
      return result;
    } catch (thrown) {
      record.recorded = false;
      if (record.stream === "none") await streams.release(record.tab.tab_id, toFlyBrowserError(thrown).message);
      throw thrown;
    }
  }

  async #stop(tab_id: number): Promise<StopRecordingResult> {
    const { streams, captured, host } = this.#parts;
    await this.#starts.get(tab_id)?.catch(() => {}); // it was told to whoever started it
    // The host that is to come goes on with it, and ends it in order.
    await streams.settle(tab_id, ({ phase }) => phase === "recovering");
    const record = captured.recordOf(tab_id);
    const stream_id = record?.identity?.stream_id ?? this.#infos.get(tab_id)?.stream_id;
    if (stream_id === undefined) throw new FlyBrowserError("no_active_recording");
    if (record) {
      record.recorded = false;
      record.recording_id = null;
      // With the capture ends the recording, and the last of its media are in it.
      if (record.stream === "none") await streams.release(tab_id, STOPPED);
      else captured.recordChanged(record);
    }
    return host.call("stopRecording", { stream_id });
  }

  #tabOf(recording_id: string): number | null {
    for (const [tab_id, info] of this.#infos) if (info.recording_id === recording_id) return tab_id;
    return null;
  }
}
