// The recordings of the tabs, as the host tells of them. Each begins with the tab's stream or with a capture of its own, and goes
// on until it is stopped, whatever the stream does.
import { deserializeError, FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { PopupState } from "../../protocol/extension-messages.ts";
import type { Quality } from "../../protocol/profiles.ts";
import type { RecordingInfo, StartRecordingResult, StopRecordingResult } from "../../protocol/results.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import { recordingEncoding } from "./encoding.ts";
import type { HostConnection } from "./host-connection.ts";
import { newRecord } from "./tab-record.ts";

/** What {@link TabRecordings} works with. */
export interface TabRecordingsDependencies {
  readonly tabs: CapturedTabs;
  readonly host: Pick<HostConnection, "call">;
  /** What is known of a tab's recording has changed. */
  readonly onChange: (tab_id: number) => void;
}

/** What others may know of a tab's recording. */
export interface RecordingView {
  readonly phase: PopupState["recording_phase"];
  readonly info: RecordingInfo | null;
}

/** Starts and stops them, and knows what the host said last. */
export class TabRecordings {
  readonly #deps: TabRecordingsDependencies;
  /** By tab; also of one that is over, until the next one of the tab. */
  readonly #infos = new Map<number, RecordingInfo>();
  readonly #starts = new Map<number, Promise<StartRecordingResult>>();
  readonly #stops = new Map<number, Promise<StopRecordingResult>>();

  constructor(dependencies: TabRecordingsDependencies) {
    this.#deps = dependencies;
  }

  /** What is known of a tab's recording. */
  view(tab_id: number): RecordingView {
    const info = this.#infos.get(tab_id) ?? null;
    const phase = (): RecordingView["phase"] => {
      if (this.#starts.has(tab_id)) return "starting";
      if (this.#stops.has(tab_id) && info?.status === "recording") return "stopping";
      if (info?.status === "finishing") return "finishing";
      return this.#isRecorded(tab_id) ? "recording" : "idle";
    };
    return { phase: phase(), info };
  }

  /** Recordings that go on in the next host. */
  resumes(): string[] {
    return this.#deps.tabs.all.flatMap(({ record }) => record.recording_id ?? []);
  }

  /** Whether the host still makes a file, and must not be let go meanwhile. */
  get unfinished(): boolean {
    return [...this.#infos.values()].some(({ status }) => status === "finishing");
  }

  /**
   * Records a tab; answers when the host records. `quality`: of a tab that isn't streamed; left out: the default.
   * @throws FlyBrowserError `recording_already_active`; any code of a start, and of `startRecording`
   */
  start(tab_id: number, options: unknown, quality?: Quality): Promise<StartRecordingResult> {
    if (this.#starts.has(tab_id)) return Promise.reject(new FlyBrowserError("recording_already_active"));
    return this.#tracked(this.#starts, tab_id, this.#start(tab_id, options, quality));
  }

  /**
   * Ends the recording of a tab and, when nobody sees it, its capture; gives the file, if it is made soon.
   * @throws FlyBrowserError `no_active_recording`; `recording_failed`
   */
  stop(tab_id: number): Promise<StopRecordingResult> {
    return this.#stops.get(tab_id) ?? this.#tracked(this.#stops, tab_id, this.#stop(tab_id));
  }

  /** The same by the host's id of what is captured. @throws FlyBrowserError `no_active_recording`; `recording_failed` */
  stopById(stream_id: string): Promise<StopRecordingResult> {
    const tab = this.#deps.tabs.byStream(stream_id);
    return tab ? this.stop(tab.tab_id) : this.#deps.host.call("stopRecording", { stream_id });
  }

  /** The host tells of a recording. */
  changed(info: RecordingInfo): void {
    const { tabs, onChange } = this.#deps;
    const tab = tabs.byStream(info.stream_id);
    const tab_id = tab?.tab_id ?? this.#tabOf(info.recording_id);
    if (tab_id === null) return; // a leftover of who knows whom
    this.#infos.set(tab_id, info);
    if (tab && !this.#stops.has(tab_id) && tab.recordingChanged(info) && info.error) {
      tabs.setError(tab_id, deserializeError(info.error));
    }
    onChange(tab_id);
  }

  /** A tab has another id (Chrome gives it one when it discards the tab), or what is captured has gone along to another tab. */
  tabReplaced(tab_id: number, replaced_id: number): void {
    const info = this.#infos.get(replaced_id);
    if (info === undefined) return;
    this.#infos.delete(replaced_id);
    this.#infos.set(tab_id, info);
  }

  /** A tab was closed. */
  tabRemoved(tab_id: number): void {
    const status = this.#infos.get(tab_id)?.status;
    if (status !== "recording" && status !== "finishing") this.#infos.delete(tab_id);
  }

  async #start(tab_id: number, options: unknown, quality: Quality | undefined): Promise<StartRecordingResult> {
    const { tabs } = this.#deps;
    try {
      const encoding = recordingEncoding(options, quality);
      await tabs.settled(tab_id, ({ capture, recording }) => capture !== "recovering" || recording === "none");
      if (this.#isRecorded(tab_id)) throw new FlyBrowserError("recording_already_active");
      this.#infos.delete(tab_id);
      tabs.setError(tab_id, null);
      let tab = tabs.get(tab_id);
      if (!tab) {
        tab = tabs.add(newRecord(tab_id, encoding, "recording"));
        await tab.start();
      }
      return await tab.startRecording(options);
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      if (error.code !== "recording_already_active") tabs.setError(tab_id, error);
      throw error;
    }
  }

  async #stop(tab_id: number): Promise<StopRecordingResult> {
    const { tabs, host } = this.#deps;
    const before = tabs.get(tab_id);
    await this.#starts.get(tab_id)?.catch(() => {}); // it was told to whoever started it
    // The host that is to come goes on with it, and ends it in order.
    await tabs.settled(tab_id, ({ capture }) => capture === "recovering");
    // It may have gone along to another tab meanwhile.
    const tab = tabs.get(tab_id) ?? (before?.record.capture === "live" ? before : undefined);
    const stream_id = tab?.stream_id ?? this.#infos.get(tab_id)?.stream_id;
    if (stream_id === undefined) throw new FlyBrowserError("no_active_recording");
    await tab?.endRecording("the recording was stopped");
    return host.call("stopRecording", { stream_id });
  }

  /** Keeps work of a tab in `map` until it is over. */
  #tracked<T>(map: Map<number, Promise<T>>, tab_id: number, work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => {
      map.delete(tab_id);
      this.#deps.onChange(tab_id);
    });
    map.set(tab_id, tracked);
    this.#deps.onChange(tab_id);
    return tracked;
  }

  #isRecorded(tab_id: number): boolean {
    const recording = this.#deps.tabs.get(tab_id)?.record.recording ?? "none";
    return recording !== "none";
  }

  #tabOf(recording_id: string): number | null {
    for (const [tab_id, info] of this.#infos) if (info.recording_id === recording_id) return tab_id;
    return null;
  }
}
