// One recording, from its first media to its file, and the journal by which another host can go on with it or finish it.
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Serial } from "../../../protocol/async.ts";
import { FlyBrowserError, serializeError, toFlyBrowserError } from "../../../protocol/errors.ts";
import type { StreamIdentity } from "../../../protocol/native-messages.ts";
import type { ProcessIdentity } from "../../../protocol/node/processes.ts";
import { ownedHere, type RecordingJournal, storedInfo, writeJournal } from "../../../protocol/node/recording-files.ts";
import type { ResolvedStartStreamOptions } from "../../../protocol/options.ts";
import type { RecordingInfo, Task } from "../../../protocol/results.ts";
import { sentence } from "../../../protocol/sentence.ts";
import { partLogger } from "../../logging.ts";
import type { Attachment, FanOut } from "../../media/fan-out.ts";
import { finishRecording } from "./finish.ts";
import { assertSpace, type LookAtDisk, writeError } from "./free-space.ts";
import { mediaIn } from "./media-files.ts";
import { RECORDER_SINK, Recorder } from "./recorder.ts";
import { releaseTarget } from "./target-path.ts";

/** ms between two looks at the disk, and two notes in the journal, while recording. */
const LOOK_EVERY = 2_000;
/** Tasks that are kept as chapters: more are of no use to a player, and the journal is written every two seconds. */
const MAX_CHAPTERS = 1_000;
/** ms between two notes in the journal while finishing. */
const NOTE_EVERY = 1_000;

const log = partLogger("recording");

/** What recordings see of a stream. */
export interface RecordableStream {
  readonly stream_id: string;
  readonly identity: Pick<StreamIdentity, "started_at">;
  readonly media: FanOut;
  /** The page, its title as it is now, and the codec that was asked for. */
  readonly source: { url: string; title: string; codec: ResolvedStartStreamOptions["codec"] };
  /** Times by the stream's clock, as its media have them. */
  readonly tasks: { recorded(): Task[] };
  readonly is_over: boolean;
  /** Resolves when there are media to record. @throws FlyBrowserError `no_media`; what ended the stream */
  waitUntilRecordable(): Promise<void>;
}

/** What a {@link Recording} needs. */
export interface RecordingOptions {
  readonly folder: string;
  readonly journal: RecordingJournal;
  readonly ffmpegPath: () => Promise<string>;
  /** Runs FFmpeg for one recording after the other. */
  readonly finishings: Serial;
  readonly onChange: (info: RecordingInfo) => void;
  /** The browser whose tabs are recorded here; left out: not known. */
  readonly browser?: ProcessIdentity | undefined;
  /** Replaced in tests. */
  readonly look?: LookAtDisk;
}

/** One recording. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #abort = new AbortController();
  #journal: RecordingJournal;
  /** Only while recording: a recording is kept longer than its stream. */
  #stream: RecordableStream | null = null;
  #recordedHere = false;
  #recorder: Recorder | null = null;
  #attachment: Attachment | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped: Promise<void> | null = null;
  #ended: Promise<void> | null = null;
  #suspended = false;
  #notedAt = 0;

  /** One that is only to be finished, unless {@link record} is called. */
  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#journal = options.journal;
  }

  get recording_id(): string {
    return this.#journal.recording_id;
  }

  /** All that is known of it now. */
  info(): RecordingInfo {
    const { folder } = this.#options;
    const info = storedInfo({ folder, journal: this.#journal, alive: true });
    if (!this.#recorder || info.status !== "recording") return info;
    const recorded = { ...info, ...this.#recorded(this.#recorder) };
    return this.#ended !== null ? { ...recorded, status: "finishing", progress: 0 } : recorded;
  }

  /** Begins to record, from the last keyframe of the stream on; after what another host has recorded into the folder. */
  record(stream: RecordableStream): void {
    const { folder } = this.#options;
    this.#stream = stream;
    this.#recordedHere = true;
    this.#note(this.#options.browser ? { browser: this.#options.browser } : {}, true);
    this.#recorder = new Recorder({
      folder,
      before: { ...mediaIn(folder), first_media_time: this.#journal.first_media_time ?? null },
      onEnd: () => void this.end(null),
      onError: (thrown) => void this.end(writeError(thrown, folder)),
    });
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
    this.#attachment = stream.media.attach(this.#recorder, RECORDER_SINK);
  }

  /** Ends the recording and makes its file. Resolves when that is done or has failed; {@link info} tells. Idempotent. */
  end(because: FlyBrowserError | null): Promise<void> {
    if (because && this.#journal.error === null) {
      log.error("recording {id} ends: {reason}", { id: this.recording_id, reason: because.message });
      this.#journal = { ...this.#journal, error: serializeError(because) };
    }
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** The host ends: what was recorded is written out, and left for another process to finish. */
  async suspend(): Promise<void> {
    this.#suspended = true;
    this.#abort.abort(new FlyBrowserError("stream_ended", { reason: sentence("recording.host_ended") }));
    await this.#stopRecording();
    const { status } = this.#journal;
    if (status === "recording" || status === "finishing") this.#note({ status: "interrupted", progress: null }, true);
  }

  /** Whether it was left unfinished by {@link suspend}. */
  get is_left(): boolean {
    return this.#journal.status === "interrupted";
  }

  async #end(): Promise<void> {
    await this.#stopRecording();
    if (this.#suspended) return;
    this.#note({ status: "finishing", progress: 0 }, true);
    await this.#options.finishings.run(() => this.#finish());
  }

  #stopRecording(): Promise<void> {
    this.#stopped ??= this.#closeRecorder();
    return this.#stopped;
  }

  async #closeRecorder(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    const [recorder, attachment] = [this.#recorder, this.#attachment];
    if (!recorder) return;
    await attachment?.finish(); // with what still waits for the disk
    await recorder.close();
    if (attachment && attachment.report.dropped_units > 0) {
      log.warning("recording {id}: the disk was too slow for {dropped_units} fragments, with {dropped_frames} frames", {
        ...attachment.report,
        id: this.recording_id,
      });
    }
    this.#journal = { ...this.#journal, ...this.#now(), ...this.#recorded(recorder) };
    this.#recorder = null;
    this.#attachment = null;
    this.#stream = null;
  }

  /** What was recorded so far, what waits for the disk included. */
  #recorded({ recorded }: Recorder): Pick<RecordingInfo, "duration_seconds" | "size_bytes"> {
    const { duration_seconds, bytes } = recorded;
    return { duration_seconds, size_bytes: bytes + (this.#attachment?.report.queued_bytes ?? 0) };
  }

  async #finish(): Promise<void> {
    if (this.#suspended) return;
    const wasLeft = this.#journal.attempts > 0 || !this.#recordedHere;
    const { folder, ffmpegPath } = this.#options;
    this.#note({ status: "finishing", attempts: this.#journal.attempts + 1, ...ownedHere() }, true);
    try {
      const file = await finishRecording({
        folder,
        journal: this.#journal,
        ffmpeg_path: await ffmpegPath(),
        onProgress: (share) => this.#progress(share),
        signal: this.#abort.signal,
      });
      this.#note({ ...file, status: wasLeft ? "recovered" : "finished", progress: null }, true);
      await this.#removeMedia();
      log.info("recording {id} is {status}: {file_path}", { ...file, id: this.recording_id, ...this.#journal });
    } catch (thrown) {
      if (this.#suspended) return;
      const error = toFlyBrowserError(thrown);
      log.error("{error}", { error });
      this.#note({ status: "failed", progress: null, error: serializeError(error) }, true);
      if ((error.cause as { code?: string } | undefined)?.code === "no_media") releaseTarget(this.#journal.file_path);
    }
  }

  /** Title and tasks as they are now; tasks that only a host before this one knew stay. */
  #now(): Partial<RecordingJournal> {
    if (!this.#stream) return {};
    const { title } = this.#stream.source;
    const tasks = this.#stream.tasks.recorded();
    const known = new Set(tasks.map(({ task_id }) => task_id));
    const all = [...this.#journal.tasks.filter(({ task_id }) => !known.has(task_id)), ...tasks];
    const left_out = Math.max(0, all.length - MAX_CHAPTERS);
    const chapters_left_out = left_out + (this.#journal.chapters_left_out ?? 0);
    return { title, tasks: all.slice(left_out), ...(chapters_left_out > 0 ? { chapters_left_out } : {}) };
  }

  #progress(share: number): void {
    this.#journal = { ...this.#journal, progress: Math.round(share * 1000) / 1000 };
    if (Date.now() - this.#notedAt >= NOTE_EVERY) this.#note({}, false);
  }

  async #look(): Promise<void> {
    const { folder, look } = this.#options;
    if (!this.#recorder) return;
    const { first_media_time } = this.#recorder.recorded;
    const recorded = this.#recorded(this.#recorder);
    this.#note({ ...this.#now(), ...(first_media_time === null ? {} : { first_media_time }), ...recorded }, false);
    try {
      await assertSpace({ media: folder, target: dirname(this.#journal.file_path) }, recorded.size_bytes, look);
    } catch (thrown) {
      if (thrown instanceof FlyBrowserError && thrown.code === "disk_full") void this.end(thrown);
      else log.warning("{reason}", { reason: toFlyBrowserError(thrown).message });
    }
  }

  /** Changes the journal and writes it. A disk that takes no more must not end anything here. */
  #note(change: Partial<RecordingJournal>, important: boolean): void {
    this.#journal = { ...this.#journal, ...change };
    this.#notedAt = Date.now();
    try {
      writeJournal(this.#options.folder, this.#journal, important);
    } catch (thrown) {
      log.warning("the journal of {id}: {reason}", { id: this.recording_id, reason: (thrown as Error).message });
    }
    try {
      this.#options.onChange(this.info());
    } catch (thrown) {
      log.error("a change of {id}: {thrown}", { id: this.recording_id, thrown }); // the recording itself is well
    }
  }

  async #removeMedia(): Promise<void> {
    const { folder } = this.#options;
    const media = (await readdir(folder)).filter((name) => name !== "journal.json");
    // What can't be removed now goes when the recording is forgotten.
    await Promise.allSettled(media.map((name) => rm(join(folder, name), { force: true })));
  }
}
