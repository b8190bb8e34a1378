// The life of one recording: recording, finishing, finished or failed, and its journal, from which another host can go on.
// Never starts by itself, and never touches the stream it reads.

import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyBrowserError, serializeError, toFlyBrowserError } from "../../../protocol/errors.ts";
import { type RecordingJournal, storedInfo, writeJournal } from "../../../protocol/node/recording-files.ts";
import type { RecordingInfo } from "../../../protocol/results.ts";
import { partLogger } from "../../logging.ts";
import type { MediaFeed } from "../../stream/media-feed.ts";
import { finishRecording } from "./finish.ts";
import { assertSpace, type LookAtDisk, lookAtDisk, writeError } from "./free-space.ts";
import { mediaIn, Recorder } from "./recorder.ts";
import { releaseTarget } from "./target-path.ts";

/** ms between two looks at the disk, and two notes in the journal, while recording. */
const LOOK_EVERY = 2_000;
/** ms between two notes in the journal while finishing. */
const NOTE_EVERY = 1_000;

const log = partLogger("recording");

/** The stream of a recording. */
export interface RecordingSource {
  readonly feed: MediaFeed;
  /** Title and tasks as they are now. */
  now(): Pick<RecordingJournal, "title" | "tasks">;
}

/** What a {@link Recording} needs. */
export interface RecordingOptions {
  readonly folder: string;
  readonly journal: RecordingJournal;
  readonly ffmpegPath: () => Promise<string>;
  /** Runs finishings one after the other. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  readonly onChange: (info: RecordingInfo) => void;
  /** Replaced in tests. */
  readonly look?: LookAtDisk;
}

/** One recording. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #abort = new AbortController();
  #journal: RecordingJournal;
  /** Only while recording: a recording is kept longer than its stream. */
  #source: RecordingSource | null = null;
  #recordedHere = false;
  #recorder: Recorder | null = null;
  #release: () => void = () => {};
  #timer: NodeJS.Timeout | null = null;
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

  get stream_id(): string {
    return this.#journal.stream_id;
  }

  /** All that is known of it now. */
  info(): RecordingInfo {
    const { folder } = this.#options;
    const info = storedInfo({ folder, journal: this.#journal, alive: true });
    if (!this.#recorder || info.status !== "recording") return info;
    const { duration_seconds, bytes } = this.#recorder.recorded;
    const figures = { ...info, duration_seconds, size_bytes: bytes };
    return this.#ended !== null ? { ...figures, status: "finishing", progress: 0 } : figures;
  }

  /** Begins to record, from the last keyframe of the stream on; after what another host has recorded into the folder. */
  record(source: RecordingSource): void {
    this.#source = source;
    this.#recordedHere = true;
    this.#note({}, true);
    this.#recorder = new Recorder({
      before: { ...mediaIn(this.#options.folder), first_media_time: this.#journal.first_media_time ?? null },
      folder: this.#options.folder,
      onEnd: () => void this.end(null),
      onError: (thrown) => void this.end(writeError(thrown, this.#options.folder)),
    });
    this.#release = source.feed.add(this.#recorder);
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
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
    this.#abort.abort(new FlyBrowserError("stream_ended", { reason: "the host ended" }));
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
    await this.#options.inTurn(() => this.#finish());
  }

  async #stopRecording(): Promise<void> {
    this.#release();
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    const recorder = this.#recorder;
    if (!recorder) return;
    await recorder.close();
    const { duration_seconds, bytes, dropped_fragments } = recorder.recorded;
    if (dropped_fragments > 0) {
      const id = this.recording_id;
      log.warning("recording {id}: the disk was too slow for {dropped_fragments} fragments", { id, dropped_fragments });
    }
    this.#journal = { ...this.#journal, ...this.#now(), duration_seconds, size_bytes: bytes };
    this.#recorder = null;
    this.#source = null;
  }

  async #finish(): Promise<void> {
    if (this.#suspended) return;
    const wasLeft = this.#journal.attempts > 0 || !this.#recordedHere;
    const { folder, ffmpegPath } = this.#options;
    this.#note({ status: "finishing", attempts: this.#journal.attempts + 1, pid: process.pid }, true);
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
    if (!this.#source) return {};
    const { title, tasks } = this.#source.now();
    const known = new Set(tasks.map(({ task_id }) => task_id));
    return { title, tasks: [...this.#journal.tasks.filter(({ task_id }) => !known.has(task_id)), ...tasks] };
  }

  #progress(share: number): void {
    this.#journal = { ...this.#journal, progress: Math.round(share * 1000) / 1000 };
    if (Date.now() - this.#notedAt >= NOTE_EVERY) this.#note({}, false);
  }

  async #look(): Promise<void> {
    const { folder, look = lookAtDisk } = this.#options;
    if (!this.#recorder) return;
    const { duration_seconds, bytes, first_media_time } = this.#recorder.recorded;
    const first = first_media_time === null ? {} : { first_media_time };
    this.#note({ ...this.#now(), ...first, duration_seconds, size_bytes: bytes }, false);
    try {
      await assertSpace({ media: folder, target: dirname(this.#journal.file_path) }, bytes, look);
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
    this.#options.onChange(this.info());
  }

  async #removeMedia(): Promise<void> {
    const { folder } = this.#options;
    const media = (await readdir(folder)).filter((name) => name !== "journal.json");
    // What can't be removed now goes when the recording is forgotten.
    await Promise.allSettled(media.map((name) => rm(join(folder, name), { force: true })));
  }
}
