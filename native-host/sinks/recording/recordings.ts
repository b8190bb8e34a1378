// The recordings of this host, as they are asked for by stream: at most one a captured tab records, and what other hosts left
// goes on with its tab or is finished. Never knows how a file is written or made.
import { deserializeError, FlyBrowserError } from "../../../protocol/errors.ts";
import { parseStartRecordingOptions } from "../../../protocol/options.ts";
import type {
  RecordingInfo,
  StartRecordingResult,
  StopRecordingResult,
  StreamRecording,
} from "../../../protocol/results.ts";
import { Inheritance, type InheritanceOptions } from "./inheritance.ts";
import { type RecordableStream, recordingFormat } from "./recordable-stream.ts";
import { RecordingShelf, type RecordingShelfOptions } from "./recording-shelf.ts";
import { reserveTarget } from "./target-path.ts";
import { before } from "./waits.ts";

export type { RecordableStream };

/** ms that `stop` waits for the file; a longer one goes on being made meanwhile. */
const STOP_WITHIN = 10_000;

/** What {@link Recordings} need. */
export interface RecordingsOptions extends RecordingShelfOptions, InheritanceOptions {}

/** Keeps the recordings. */
export class Recordings {
  readonly #shelf: RecordingShelf;
  readonly #inheritance: Inheritance;

  constructor(options: RecordingsOptions) {
    this.#shelf = new RecordingShelf(options);
    this.#inheritance = new Inheritance(this.#shelf, options);
  }

  /** Calls `listener` with each change of a recording; gives the function that ends this. */
  onChange(listener: (info: RecordingInfo) => void): () => void {
    return this.#shelf.onChange(listener);
  }

  /**
   * Begins to record a stream, from its last keyframe on; waits for the first one.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `recording_already_active`, `unsupported_combination`,
   * `recording_path_unusable`, `disk_full`, `no_active_stream`, `no_media`
   */
  async start(stream: RecordableStream, input: unknown): Promise<StartRecordingResult> {
    const options = parseStartRecordingOptions(input);
    await this.#inheritance.settled(stream.stream_id);
    if (stream.is_over || this.#shelf.closed) throw new FlyBrowserError("no_active_stream");
    this.#shelf.assertFree(stream);
    await stream.waitUntilRecordable();
    this.#shelf.assertFree(stream);
    const format = recordingFormat(stream, options.format);
    const file_path = reserveTarget({ path: options.path, format, url: stream.source.url, at: new Date() });
    return this.#shelf.begin(stream, { format, file_path });
  }

  /**
   * Goes on with a recording of a stream that was another host's: in the same file, or, when somebody else finishes that by
   * now, in another one beside it. Never rejects: a stream goes on without its recording too.
   */
  goOn(stream: RecordableStream, recording_id: string): Promise<void> {
    return this.#inheritance.goOn(stream, recording_id);
  }

  /** What the status of a stream says of its recording; `null`: none runs, and none is being finished. */
  of(stream_id: string): StreamRecording | null {
    const info = this.#shelf.latest(stream_id)?.info();
    if (info?.status !== "recording" && info?.status !== "finishing") return null;
    const { recording_id, status, file_path, format, started_at, duration_seconds, size_bytes, progress } = info;
    return { recording_id, status, file_path, format, started_at, duration_seconds, size_bytes, progress };
  }

  /**
   * Ends the recording of a stream, also when it has ended by itself; waits for its file, but not for ever: a long one
   * may be `finishing` in the answer, and calling again tells how it goes on. One that is about to go on here is finished.
   * @throws FlyBrowserError `no_active_recording`; `recording_failed`
   */
  async stop(stream_id: string, within: number = STOP_WITHIN): Promise<StopRecordingResult> {
    const ended = this.#shelf.latest(stream_id) ? null : await this.#inheritance.dontGoOn(stream_id);
    const recording = this.#shelf.latest(stream_id);
    const elsewhere = ended === null ? null : this.find(ended); // another process makes its file
    if (!recording && !elsewhere) throw new FlyBrowserError("no_active_recording");
    if (recording) await before(recording.end(null), within);
    const info = (recording?.info() ?? elsewhere) as RecordingInfo;
    if (info.status !== "finishing" && this.#shelf.latest(stream_id) === recording) this.#shelf.forget(stream_id);
    if (info.status === "failed" && info.error) throw deserializeError(info.error);
    const { recording_id, status, file_path, format, duration_seconds, size_bytes, chapters, progress, error } = info;
    return { recording_id, status, file_path, format, duration_seconds, size_bytes, chapters, progress, error };
  }

  /**
   * The stream that is recorded here under this id: by that recording itself, by the one that continues it, or soon, when it
   * goes on. `null`: none.
   */
  recordedStream(recording_id: string): string | null {
    return this.#shelf.recordedStream(recording_id) ?? this.#inheritance.streamOf(recording_id);
  }

  /** All recordings of the user that are known, the youngest first. */
  list(): RecordingInfo[] {
    return this.#shelf.list();
  }

  /** One of them; `null`: there is none of that id. */
  find(recording_id: string): RecordingInfo | null {
    return this.#shelf.find(recording_id);
  }

  /**
   * Finishes what dead hosts left, one after the other; of those that were `promised` to go on here, and those that may go on
   * in another host, what still waits after 10 s. Gives how many there were.
   */
  recover(promised: readonly string[] = []): Promise<number> {
    return this.#inheritance.recover(promised);
  }

  /** Ends everything, quickly; gives how many recordings are left to be finished by another process. */
  close(): Promise<number> {
    this.#inheritance.close();
    return this.#shelf.close();
  }
}
