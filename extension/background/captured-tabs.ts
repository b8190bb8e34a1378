// What is known of the captured tabs, by tab and by the host's id, and the last error of each; a copy of it is kept from which
// a restarted service worker takes over. Never acts on a tab (streams.ts does), and never draws anything: badge, menu and popup
// hear of each change.
import { type FlyBrowserError, type SerializedError, serializeError } from "../../protocol/errors.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { nextPhase, type Phase } from "./stream-phases.ts";
import { type StreamRecord, streamPhase } from "./stream-record.ts";
import type { StreamStore } from "./stream-store.ts";

/** What others may know of a tab's stream. */
export interface StreamView {
  readonly phase: Phase;
  readonly info: StreamInfo | null;
  readonly error: SerializedError | null;
}

/** Keeps it. */
export class CapturedTabs {
  readonly #store: Pick<StreamStore, "load" | "save">;
  readonly #onChange: (tab_id: number) => void;
  readonly #records = new Map<number, StreamRecord>();
  readonly #errors = new Map<number, SerializedError>();

  /** `onChange`: a tab's phase, status or error has changed. */
  constructor(store: Pick<StreamStore, "load" | "save">, onChange: (tab_id: number) => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Tabs that are captured, for whatever. */
  get tabs(): readonly number[] {
    return [...this.#records.keys()];
  }

  /** What is known of them. */
  get records(): readonly StreamRecord[] {
    return [...this.#records.values()];
  }

  /** What is known of one. */
  recordOf(tab_id: number): StreamRecord | null {
    return this.#records.get(tab_id) ?? null;
  }

  /** The same by the host's id. */
  recordById(stream_id: string): StreamRecord | null {
    for (const record of this.#records.values()) if (record.identity?.stream_id === stream_id) return record;
    return null;
  }

  /** Gives what is known of the tab's stream. */
  view(tab_id: number): StreamView {
    const record = this.#records.get(tab_id);
    return {
      phase: streamPhase(record),
      info: record?.stream === "none" ? null : (record?.info ?? null),
      error: this.#errors.get(tab_id) ?? null,
    };
  }

  /** The stream of a tab, once the host has opened it; a tab that is only recorded has none. */
  streamOf(tab_id: number): string | null {
    return this.#records.get(tab_id)?.stream === "none" ? null : this.captureOf(tab_id);
  }

  /** The host's id of what is captured of a tab. */
  captureOf(tab_id: number): string | null {
    return this.#records.get(tab_id)?.identity?.stream_id ?? null;
  }

  /** Whether viewers may see what is captured under this id: it is a stream, and isn't being stopped. */
  isSeen(stream_id: string): boolean {
    const record = this.recordById(stream_id);
    return record !== null && (record.stream === "starting" || record.stream === "live") && record.phase !== "stopping";
  }

  /** Port of the host under which streams are live or were so before it died. */
  preferredPort(): number | null {
    for (const record of this.#records.values()) if (record.host_port !== null) return record.host_port;
    return null;
  }

  /** A capture of a tab begins. */
  add(record: StreamRecord): void {
    this.#records.set(record.tab.tab_id, record);
    this.recordChanged(record);
  }

  /** It goes into another phase. @throws FlyBrowserError `internal`: it can't follow */
  move(record: StreamRecord, to: Phase): void {
    record.phase = nextPhase(record.phase, to);
    this.recordChanged(record);
  }

  /** The capture is over. */
  forget(record: StreamRecord): void {
    if (this.recordOf(record.tab.tab_id) === record) this.#records.delete(record.tab.tab_id);
    record.phase = "idle";
    this.recordChanged(record);
  }

  /** What is kept in a record has changed. */
  recordChanged(record: StreamRecord): void {
    this.#changed(record.tab.tab_id);
  }

  /** The host has sent the status of a stream. */
  statusArrived(stream_id: string, info: StreamInfo): void {
    const record = this.recordById(stream_id);
    if (!record || record.stream === "none") return;
    record.info = info;
    this.recordChanged(record);
  }

  /** Keeps an error for the popup; `null`: forgets it. */
  setError(tab_id: number, error: FlyBrowserError | null): void {
    this.noteError(tab_id, error);
    this.#changed(tab_id);
  }

  /** The same where others hear of what follows at once, or there is nothing to hear of any more. */
  noteError(tab_id: number, error: FlyBrowserError | null): void {
    if (error) this.#errors.set(tab_id, serializeError(error));
    else this.#errors.delete(tab_id);
  }

  /** Takes in what an earlier service worker left; gives it. */
  async restore(): Promise<readonly StreamRecord[]> {
    const records = await this.#store.load();
    for (const record of records) this.#records.set(record.tab.tab_id, record);
    return records;
  }

  /** Writes the copy, where nobody needs to hear of the change. */
  save(): void {
    void this.#store.save(this.records);
  }

  #changed(tab_id: number): void {
    this.save();
    this.#onChange(tab_id);
  }
}
