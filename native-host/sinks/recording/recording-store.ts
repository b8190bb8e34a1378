// The recordings that this process works on, and those that are known from their journals only: begins them, resumes them, has
// them finished one at a time.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Serial } from "../../../protocol/async.ts";
import { Emitter } from "../../../protocol/emitter.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { ProcessIdentity } from "../../../protocol/node/processes.ts";
import {
  forgetRecording,
  isDone,
  listRecordings,
  ownedHere,
  type RecordingJournal,
  readRecording,
  recordingFolder,
  type StoredRecording,
  storedInfo,
} from "../../../protocol/node/recording-files.ts";
import type { RecordingFormat } from "../../../protocol/options.ts";
import type { RecordingInfo, StartRecordingResult } from "../../../protocol/results.ts";
import { partLogger } from "../../logging.ts";
import { assertSpace, type LookAtDisk } from "./free-space.ts";
import { type RecordableStream, Recording } from "./recording.ts";
import { releaseTarget } from "./target-path.ts";

const log = partLogger("recording");

/** What a {@link RecordingStore} needs. */
export interface RecordingStoreOptions {
  /** Directory of all recordings of the user. */
  readonly home: string;
  readonly ffmpegPath: () => Promise<string>;
  /** The browser whose tabs are recorded here; left out: not known. */
  readonly browser?: ProcessIdentity | undefined;
  /** Replaced in tests. */
  readonly look?: LookAtDisk;
}

/** Where a recording goes. */
export interface Target {
  readonly format: RecordingFormat;
  /** Reserved; let go of when the recording can't begin. */
  readonly file_path: string;
  /** Id of the recording of another host that this one continues in a file of its own. */
  readonly continued_from?: string;
  /** Viewers of the stream may have the file. */
  readonly offered?: boolean;
  /** Of the file, evenly; left out: as captured. */
  readonly frame_rate?: number;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FlyBrowserError("recording_path_unusable", { path, reason: (cause as Error).message }, { cause });
  }
}

/** The recordings of this process. */
export class RecordingStore {
  readonly #options: RecordingStoreOptions;
  /** By stream: the one that records or was the last to. */
  readonly #latest = new Map<string, Recording>();
  /** By id: all that this process works on, or could not finish. */
  readonly #working = new Map<string, Recording>();
  readonly #changes = new Emitter<RecordingInfo>();
  readonly #finishings = new Serial();
  #closed = false;

  constructor(options: RecordingStoreOptions) {
    this.#options = options;
  }

  /** Whether nothing more is begun, because the host ends. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Calls `listener` with each change of a recording; gives the function that ends this. */
  onChange(listener: (info: RecordingInfo) => void): () => void {
    return this.#changes.on(listener);
  }

  /** The one that records a stream, or was the last to and is to be told of; `null`: none. */
  latest(stream_id: string): Recording | null {
    return this.#latest.get(stream_id) ?? null;
  }

  /** There is nothing more to tell of the latest of a stream. */
  forget(stream_id: string): void {
    this.#latest.delete(stream_id);
  }

  /**
   * Fails where a stream is being recorded.
   * @throws FlyBrowserError `recording_already_active`
   */
  assertFree({ stream_id }: RecordableStream): void {
    if (this.latest(stream_id)?.info().status === "recording") throw new FlyBrowserError("recording_already_active");
  }

  /**
   * Begins a new recording of a stream.
   * @throws FlyBrowserError `disk_full`, `recording_already_active`, `no_active_stream`
   */
  async begin(stream: RecordableStream, target: Target): Promise<StartRecordingResult> {
    const { file_path, format } = target;
    const { url, title } = stream.source;
    const recording_id = `recording_${randomBytes(9).toString("base64url")}`;
    const folder = this.folder(recording_id);
    const journal: RecordingJournal = {
      ...{ version: 1, recording_id, stream_id: stream.stream_id, status: "recording", ...target, title, url },
      ...{ started_at: new Date().toISOString(), duration_seconds: 0, size_bytes: 0, chapters: [], progress: null },
      ...{ error: null, ...ownedHere(), stream_started_at: stream.identity.started_at, tasks: [], attempts: 0 },
    };
    try {
      makeFolder(folder);
      await assertSpace({ media: folder, target: dirname(file_path) }, null, this.#options.look);
      this.assertFree(stream); // another call may have come while the disk was looked at
      if (stream.is_over || this.#closed) throw new FlyBrowserError("no_active_stream");
    } catch (thrown) {
      releaseTarget(file_path);
      forgetRecording(folder);
      throw thrown;
    }
    this.resume(stream, { folder, journal });
    log.info("recording {recording_id} of {stream_id} begins: {file_path}", { ...journal });
    return { recording_id, status: "recording", file_path, format };
  }

  /** Records a stream into the folder of a recording, after what is there already. */
  resume(stream: RecordableStream, stored: Pick<StoredRecording, "folder" | "journal">): void {
    const recording = this.#add(stored);
    this.#latest.set(stream.stream_id, recording);
    recording.record(stream);
  }

  /** Takes one to be finished, which its `end` does; with a `stream_id` it is what is told of that stream's recording. */
  finish(stored: StoredRecording, stream_id?: string): Recording {
    log.warning("recording {recording_id} was left unfinished: it is being finished", { ...stored.journal });
    const recording = this.#add(stored);
    if (stream_id !== undefined) this.#latest.set(stream_id, recording);
    return recording;
  }

  /** All recordings of the user that are known, the youngest first. */
  list(): RecordingInfo[] {
    return listRecordings(this.#options.home).map(
      (stored) => this.#working.get(stored.journal.recording_id)?.info() ?? storedInfo(stored),
    );
  }

  /** One of them; `null`: there is none of that id. */
  find(recording_id: string): RecordingInfo | null {
    const own = this.#working.get(recording_id);
    if (own) return own.info();
    if (!/^[\w-]+$/.test(recording_id)) return null; // it becomes part of a path
    const stored = readRecording(this.folder(recording_id));
    return stored && storedInfo(stored);
  }

  /** The youngest recording of a stream that its viewers may have; `null`: none. */
  offered(stream_id: string): RecordingInfo | null {
    const stored = listRecordings(this.#options.home).find(
      ({ journal }) => journal.stream_id === stream_id && journal.offered === true,
    );
    return stored ? (this.#working.get(stored.journal.recording_id)?.info() ?? storedInfo(stored)) : null;
  }

  /** The stream that is recorded here under this id: by that recording, or by one that continues it. `null`: none. */
  recordedStream(recording_id: string): string | null {
    for (const recording of this.#working.values()) {
      const info = recording.info();
      if (info.status === "recording" && this.#isOf(info, recording_id)) return info.stream_id;
    }
    return null;
  }

  /** Folder of a recording. */
  folder(recording_id: string): string {
    return recordingFolder(this.#options.home, recording_id);
  }

  /** Ends everything, quickly; gives how many recordings are left to be finished by another process. */
  async close(): Promise<number> {
    this.#closed = true;
    const working = [...this.#working.values()];
    await Promise.allSettled(working.map((recording) => recording.suspend()));
    return working.filter((recording) => recording.is_left).length;
  }

  #add({ folder, journal }: Pick<StoredRecording, "folder" | "journal">): Recording {
    const { ffmpegPath, look, browser } = this.#options;
    const recording = new Recording({
      ...{ folder, journal, ffmpegPath, finishings: this.#finishings, browser },
      ...(look ? { look } : {}),
      onChange: (info) => this.#changed(info),
    });
    this.#working.set(journal.recording_id, recording);
    return recording;
  }

  #isOf(info: RecordingInfo, recording_id: string): boolean {
    for (let of: RecordingInfo | null = info; of; ) {
      if (of.recording_id === recording_id) return true;
      of = of.continued_from === undefined ? null : this.find(of.continued_from);
    }
    return false;
  }

  #changed(info: RecordingInfo): void {
    // One that has failed is kept: where the disk is full, its journal still tells of before.
    if (isDone(info)) this.#working.delete(info.recording_id);
    this.#changes.emit(info);
  }
}
