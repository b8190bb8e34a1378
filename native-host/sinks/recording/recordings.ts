// The recordings of this host, as commands ask for them: by stream, and at most one at a time of each.
import { existsSync } from "node:fs";
import { timeout } from "../../../protocol/async.ts";
import { deserializeError, FlyBrowserError } from "../../../protocol/errors.ts";
import { openFile } from "../../../protocol/node/open-file.ts";
import { isDone } from "../../../protocol/node/recording-files.ts";
import { parseStartRecordingOptions, type RecordingFormat } from "../../../protocol/options.ts";
import type {
  RecordingInfo,
  StartRecordingResult,
  StopRecordingResult,
  StreamRecording,
  WayToOpen,
} from "../../../protocol/results.ts";
import { sentence } from "../../../protocol/sentence.ts";
import { sourceInit } from "../../media/sink.ts";
import { newestWithin } from "../../stream/message-bounds.ts";
import type { RecordableStream } from "./recording.ts";
import { RecordingStore, type RecordingStoreOptions } from "./recording-store.ts";
import { Takeover, type TakeoverOptions } from "./takeover.ts";
import { reserveTarget } from "./target-path.ts";

/** ms that `stop` waits for the file; a longer one goes on being made meanwhile. */
const STOP_WITHIN = 10_000;

/** What {@link Recordings} need. */
export interface RecordingsOptions extends RecordingStoreOptions, TakeoverOptions {
  /** Whether viewers may have recordings of which it isn't said. Left out: they may not. */
  readonly offers?: boolean;
}

/**
 * The format in which a stream can be recorded. `wanted`; left out: whichever fits.
 * @throws FlyBrowserError `unsupported_combination`: its video doesn't fit into what is wanted
 */
export function recordingFormat(
  { media, source }: Pick<RecordableStream, "media" | "source">,
  wanted: RecordingFormat | undefined,
): RecordingFormat {
  const names = { h264: "avc1", h265: "hvc1", vp9: "vp09" } as const;
  const init = media.run && sourceInit(media.run, "video");
  // Before the first media it will be what was asked for.
  const codec = init?.codec ?? names[source.codec];
  const fitting: RecordingFormat = codec.startsWith("vp09") ? "webm" : "mp4";
  if (wanted === undefined || wanted === fitting) return fitting;
  throw new FlyBrowserError("unsupported_combination", {
    what: sentence("combination.recording", { format: wanted, codec: codec.split(".")[0] ?? codec }),
    reason: sentence(wanted === "webm" ? "combination.webm_is_vp9" : "combination.mp4_without_vp9"),
    instead: sentence("instead.other_format", { format: fitting, codec: wanted === "webm" ? "vp9" : "h264" }),
  });
}

/** The same with as many chapters as fit into a message. */
function withFewChapters(info: RecordingInfo): RecordingInfo {
  const { newest, left_out } = newestWithin(info.chapters);
  if (left_out === 0) return info;
  return { ...info, chapters: newest, chapters_left_out: left_out + (info.chapters_left_out ?? 0) };
}

/** The recordings of this host. */
export class Recordings {
  readonly #offers: boolean;
  readonly #store: RecordingStore;
  readonly #takeover: Takeover;

  constructor(options: RecordingsOptions) {
    this.#offers = options.offers ?? false;
    this.#store = new RecordingStore(options);
    this.#takeover = new Takeover(this.#store, options);
  }

  /** Calls `listener` with each change of a recording; gives the function that ends this. */
  onChange(listener: (info: RecordingInfo) => void): () => void {
    return this.#store.onChange((info) => listener(withFewChapters(info)));
  }

  /**
   * Begins to record a stream, from its last keyframe on; waits for the first one.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `recording_already_active`, `unsupported_combination`,
   * `recording_path_unusable`, `disk_full`, `no_active_stream`, `no_media`
   */
  async start(stream: RecordableStream, input: unknown): Promise<StartRecordingResult> {
    const options = parseStartRecordingOptions(input);
    await this.#takeover.settled(stream.stream_id);
    if (stream.is_over || this.#store.closed) throw new FlyBrowserError("no_active_stream");
    this.#store.assertFree(stream);
    await stream.waitUntilRecordable();
    this.#store.assertFree(stream);
    const format = recordingFormat(stream, options.format);
    const file_path = reserveTarget({ path: options.path, format, url: stream.source.url, at: new Date() });
    const { offer: offered = this.#offers, frame_rate } = options;
    return this.#store.begin(stream, {
      format,
      file_path,
      offered,
      ...(frame_rate === undefined ? {} : { frame_rate }),
    });
  }

  /**
   * Resumes a recording of a stream that was another host's: in the same file, or, when somebody else finishes that by now, in
   * another one beside it. Doesn't reject: a stream goes on without its recording too.
   */
  resume(stream: RecordableStream, recording_id: string): Promise<void> {
    return this.#takeover.resume(stream, recording_id);
  }

  /** What the status of a stream says of its recording; `null`: none runs, and none is being finished. */
  of(stream_id: string): StreamRecording | null {
    const info = this.#store.latest(stream_id)?.info();
    if (info?.status !== "recording" && info?.status !== "finishing") return null;
    const { recording_id, status, file_path, format, started_at, duration_seconds, size_bytes, progress } = info;
    return { recording_id, status, file_path, format, started_at, duration_seconds, size_bytes, progress };
  }

  /**
   * Ends the recording of a stream, also when it has ended by itself; waits for its file, `within` ms at most: a long one may be
   * `finishing` in the result, and calling again tells how far it is. One that was about to be resumed here is finished.
   * @throws FlyBrowserError `no_active_recording`; `recording_failed`
   */
  async stop(stream_id: string, within: number = STOP_WITHIN): Promise<StopRecordingResult> {
    const ended = this.#store.latest(stream_id) ? null : await this.#takeover.stop(stream_id);
    const recording = this.#store.latest(stream_id);
    const elsewhere = ended === null ? null : this.find(ended); // another process makes its file
    if (!recording && !elsewhere) throw new FlyBrowserError("no_active_recording");
    if (recording) await timeout(recording.end(null), within);
    const info = withFewChapters((recording?.info() ?? elsewhere) as RecordingInfo);
    if (info.status !== "finishing" && this.#store.latest(stream_id) === recording) this.#store.forget(stream_id);
    if (info.status === "failed" && info.error) throw deserializeError(info.error);
    const { recording_id, status, file_path, format, duration_seconds, size_bytes, progress, error } = info;
    const { chapters, chapters_left_out } = info;
    return {
      ...{ recording_id, status, file_path, format, duration_seconds, size_bytes, chapters, progress, error },
      ...(chapters_left_out === undefined ? {} : { chapters_left_out }),
    };
  }

  /**
   * The stream that is recorded here under this id: by that recording itself, by the one that continues it, or soon, when it is
   * resumed. `null`: none.
   */
  recordedStream(recording_id: string): string | null {
    return this.#store.recordedStream(recording_id) ?? this.#takeover.streamOf(recording_id);
  }

  /** The recording of a stream that its viewers may have: its file, or `null` while that is being made. `undefined`: none is offered. */
  offered(stream_id: string): Pick<RecordingInfo, "file_path" | "format"> | null | undefined {
    const info = this.#store.offered(stream_id);
    if (info === null || info.status === "failed") return undefined;
    if (!isDone(info)) return null;
    return existsSync(info.file_path) ? info : undefined;
  }

  /** All recordings of the user that are known, the youngest first. */
  list(): RecordingInfo[] {
    return this.#store.list().map(withFewChapters);
  }

  /**
   * Plays the file of one in the system's player, or shows its folder.
   * @throws FlyBrowserError `recording_not_found`, also where it has no file yet; `recording_file_gone`, `player_not_found`,
   * `player_failed`
   */
  async open(recording_id: string, way: WayToOpen): Promise<void> {
    const info = this.find(recording_id);
    if (!info || !isDone(info)) throw new FlyBrowserError("recording_not_found", { recording_id });
    const path = info.file_path;
    if (!existsSync(path)) throw new FlyBrowserError("recording_file_gone", { recording_id, path });
    await openFile(path, way);
  }

  /** One of them, with all its chapters; `null`: there is none of that id. */
  find(recording_id: string): RecordingInfo | null {
    return this.#store.find(recording_id);
  }

  /**
   * Finishes what dead hosts left, one after the other; of those that were `promised` to be resumed here, and those that another
   * host may resume, what still waits after 10 s. Begins `after` ms. Gives how many there were.
   */
  recover(promised: readonly string[] = [], after = 0): Promise<number> {
    return this.#takeover.recover(promised, after);
  }

  /** Ends everything, quickly; gives how many recordings are left to be finished by another process. */
  close(): Promise<number> {
    this.#takeover.close();
    return this.#store.close();
  }
}
