// The recordings of this host: at most one a captured tab records, one at a time is finished, and what dead hosts left goes on
// with its tab or is finished. Never knows how a file is written or made.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deserializeError, FlyBrowserError } from "../../../protocol/errors.ts";
import {
  forgetRecording,
  listRecordings,
  type RecordingJournal,
  readRecording,
  recordingFolder,
  type StoredRecording,
  storedInfo,
} from "../../../protocol/node/recording-files.ts";
import { parseStartRecordingOptions, type RecordingFormat } from "../../../protocol/options.ts";
import type {
  RecordingInfo,
  StartRecordingResult,
  StopRecordingResult,
  StreamRecording,
} from "../../../protocol/results.ts";
import { partLogger } from "../../logging.ts";
import { readInitSegment } from "../../packager/init-segment.ts";
import type { Stream } from "../../stream/stream.ts";
import { assertSpace, type LookAtDisk, lookAtDisk } from "./free-space.ts";
import { GoingOn } from "./going-on.ts";
import { claimLeftover, claimLeftovers, claimToGoOn, forgetOldest, undecided } from "./leftovers.ts";
import { Recording, type RecordingOptions } from "./recording.ts";
import { releaseTarget, reserveNext, reserveTarget } from "./target-path.ts";

/** ms that `stop` waits for the file; a longer one goes on being made meanwhile. */
const STOP_WITHIN = 10_000;
/** ms in which a host that is being replaced must have let go of its recordings, and between two looks. */
const LET_GO_WITHIN = 4_000;
const LOOK_AGAIN = 100;
/** ms after which what was to go on, and doesn't, is finished. */
const GO_ON_WITHIN = 10_000;

const log = partLogger("recording");

/** What {@link Recordings} need. */
export interface RecordingsOptions {
  /** Directory of all recordings of the user. */
  readonly home: string;
  readonly ffmpegPath: () => Promise<string>;
  /** Replaced in tests. */
  readonly look?: LookAtDisk;
  /** ms after which what was to go on, and doesn't, is finished. Replaced in tests. */
  readonly go_on_within?: number;
}

/** The part of a stream that recordings use. */
export type RecordableStream = Pick<
  Stream,
  "stream_id" | "identity" | "feed" | "source" | "tasks" | "is_over" | "waitUntilRecordable"
>;

/** Keeps the recordings. */
export class Recordings {
  readonly #options: RecordingsOptions;
  /** By stream: the one that records or was the last to. */
  readonly #latest = new Map<string, Recording>();
  /** All that this process works on, or could not finish. */
  readonly #working = new Set<Recording>();
  readonly #goingOn = new GoingOn();
  readonly #listeners = new Set<(info: RecordingInfo) => void>();
  readonly #closed = new AbortController();
  #turn: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Calls `listener` with each change of a recording; gives the function that ends this. */
  onChange(listener: (info: RecordingInfo) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Begins to record a stream, from its last keyframe on; waits for the first one.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `recording_already_active`, `unsupported_combination`,
   * `recording_path_unusable`, `disk_full`, `no_active_stream`, `no_media`
   */
  async start(stream: RecordableStream, input: unknown): Promise<StartRecordingResult> {
    const options = parseStartRecordingOptions(input);
    await this.#goingOn.underWay(stream.stream_id)?.done;
    if (stream.is_over || this.#closing) throw new FlyBrowserError("no_active_stream");
    this.#assertFree(stream);
    await stream.waitUntilRecordable();
    this.#assertFree(stream);
    const format = chooseFormat(options.format, videoCodec(stream));
    const file_path = reserveTarget({ path: options.path, format, url: stream.source.url, at: new Date() });
    return this.#begin(stream, format, file_path);
  }

  /**
   * Goes on with a recording of a stream that was another host's: in the same file, or, when somebody else finishes that by
   * now, in another one beside it. Never rejects: a stream goes on without its recording too.
   */
  goOn(stream: RecordableStream, recording_id: string): Promise<void> {
    return this.#goingOn.take(stream.stream_id, recording_id, () => this.#goOn(stream, recording_id));
  }

  async #goOn(stream: RecordableStream, recording_id: string): Promise<void> {
    const folder = recordingFolder(this.#options.home, recording_id);
    const stored = await letGo(folder);
    const isOver = () => stream.is_over || this.#closing || this.#goingOn.isStopped(recording_id);
    if (!stored || isOver()) {
      if (stored && !this.#closing) this.#finishLeft(recording_id, stream.stream_id);
      return;
    }
    const claimed = claimToGoOn(folder);
    if (claimed) {
      log.info("recording {recording_id} goes on: {file_path}", { ...claimed.journal });
      this.#record(stream, folder, claimed.journal);
      return;
    }
    const { file_path: first, format } = stored.journal;
    try {
      await stream.waitUntilRecordable();
      if (isOver()) return;
      const { file_path } = await this.#begin(stream, format, reserveNext(first), recording_id);
      log.warning("{first} is being finished already: what follows is recorded into {file_path}", { first, file_path });
    } catch (thrown) {
      log.error("recording {recording_id} does not go on: {thrown}", { recording_id, thrown });
    }
  }

  async #begin(
    stream: RecordableStream,
    format: RecordingFormat,
    file_path: string,
    continued_from?: string,
  ): Promise<StartRecordingResult> {
    const { url, title } = stream.source;
    const recording_id = `recording_${randomBytes(9).toString("base64url")}`;
    const folder = recordingFolder(this.#options.home, recording_id);
    const journal: RecordingJournal = {
      ...{ version: 1, recording_id, stream_id: stream.stream_id, status: "recording", file_path, format, title, url },
      ...{ started_at: new Date().toISOString(), duration_seconds: 0, size_bytes: 0, chapters: [], progress: null },
      ...{ error: null, pid: process.pid, stream_started_at: stream.identity.started_at, tasks: [], attempts: 0 },
      ...(continued_from === undefined ? {} : { continued_from }),
    };
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await assertSpace({ media: folder, target: dirname(file_path) }, null, this.#options.look ?? lookAtDisk);
      this.#assertFree(stream); // another call may have come while the disk was looked at
      if (stream.is_over || this.#closing) throw new FlyBrowserError("no_active_stream");
    } catch (thrown) {
      releaseTarget(file_path);
      forgetRecording(folder);
      throw thrown;
    }
    this.#record(stream, folder, journal);
    log.info("recording {recording_id} of {stream_id} begins: {file_path}", { ...journal });
    return { recording_id, status: "recording", file_path, format };
  }

  #record(stream: RecordableStream, folder: string, journal: RecordingJournal): void {
    const recording = new Recording(this.#recordingOptions(folder, journal));
    this.#latest.set(stream.stream_id, recording);
    this.#working.add(recording);
    recording.record({
      feed: stream.feed,
      now: () => ({ title: stream.source.title, tasks: stream.tasks.list() }),
    });
  }

  /** What the status of a stream says of its recording; `null`: none runs, and none is being finished. */
  of(stream_id: string): StreamRecording | null {
    const info = this.#latest.get(stream_id)?.info();
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
    const ended = this.#latest.has(stream_id) ? null : await this.#dontGoOn(stream_id);
    const recording = this.#latest.get(stream_id);
    const elsewhere = ended === null ? null : this.find(ended); // another process makes its file
    if (!recording && !elsewhere) throw new FlyBrowserError("no_active_recording");
    if (recording) await before(recording.end(null), within);
    const info = (recording?.info() ?? elsewhere) as RecordingInfo;
    if (info.status !== "finishing" && this.#latest.get(stream_id) === recording) this.#latest.delete(stream_id);
    if (info.status === "failed" && info.error) throw deserializeError(info.error);
    const { recording_id, status, file_path, format, duration_seconds, size_bytes, chapters, progress, error } = info;
    return { recording_id, status, file_path, format, duration_seconds, size_bytes, chapters, progress, error };
  }

  /** What is to go on for a stream doesn't, and is finished instead; gives its id, `null`: there is none. */
  async #dontGoOn(stream_id: string): Promise<string | null> {
    const taken = this.#goingOn.underWay(stream_id);
    const isOfStream = (id: string) => this.find(id)?.stream_id === stream_id;
    const recording_id = taken?.recording_id ?? this.#goingOn.promised.find(isOfStream) ?? null;
    if (recording_id === null) return null;
    this.#goingOn.stop(recording_id);
    const folder = recordingFolder(this.#options.home, recording_id);
    await before(taken?.done ?? letGo(folder), LET_GO_WITHIN);
    if (!this.#latest.has(stream_id)) this.#finishLeft(recording_id, stream_id);
    return recording_id;
  }

  /**
   * The stream that is recorded here under this id: by that recording itself, by the one that continues it, or soon, when it
   * goes on. `null`: none.
   */
  recordedStream(recording_id: string): string | null {
    for (const recording of this.#working) {
      const info = recording.info();
      if (info.status === "recording" && this.#isOf(info, recording_id)) return info.stream_id;
    }
    const promised = this.#goingOn.promised.includes(recording_id) ? this.find(recording_id) : null;
    return this.#goingOn.streamOf(recording_id) ?? promised?.stream_id ?? null;
  }

  #isOf(info: RecordingInfo, recording_id: string): boolean {
    for (let of: RecordingInfo | null = info; of; ) {
      if (of.recording_id === recording_id) return true;
      of = of.continued_from === undefined ? null : this.find(of.continued_from);
    }
    return false;
  }

  /** All recordings of the user that are known, the youngest first. */
  list(): RecordingInfo[] {
    const own = new Map([...this.#working].map((recording) => [recording.recording_id, recording.info()]));
    return listRecordings(this.#options.home).map(
      (stored) => own.get(stored.journal.recording_id) ?? storedInfo(stored),
    );
  }

  /** One of them; `null`: there is none of that id. */
  find(recording_id: string): RecordingInfo | null {
    for (const recording of this.#working) if (recording.recording_id === recording_id) return recording.info();
    if (!/^[\w-]+$/.test(recording_id)) return null; // it becomes part of a path
    const stored = readRecording(recordingFolder(this.#options.home, recording_id));
    return stored && storedInfo(stored);
  }

  /**
   * Finishes what dead hosts left, one after the other; of those that were `promised` to go on here, and those that may go on
   * in another host, what still waits after 10 s. Gives how many there were.
   */
  async recover(promised: readonly string[] = []): Promise<number> {
    const { home, go_on_within = GO_ON_WITHIN } = this.#options;
    this.#goingOn.promise(promised);
    const waiting = [...promised, ...undecided(home)];
    const left = claimLeftovers(home, waiting).map((stored) => this.#finish(stored).end(null));
    if (waiting.length > 0) {
      await sleep(go_on_within, undefined, { signal: this.#closed.signal }).catch(() => {});
      this.#goingOn.giveUp();
      for (const recording_id of waiting) {
        const recording = this.#goingOn.streamOf(recording_id) === null ? this.#finishLeft(recording_id) : null;
        if (recording) left.push(recording.end(null));
      }
    }
    await Promise.all(left);
    forgetOldest(home);
    return left.length;
  }

  /** Finishes one that was left, if it still is; that of a stream is what `stop` then tells of. */
  #finishLeft(recording_id: string, stream_id?: string): Recording | null {
    const left = this.#closing ? null : claimLeftover(recordingFolder(this.#options.home, recording_id));
    if (!left) return null;
    const recording = this.#finish(left);
    if (stream_id !== undefined) this.#latest.set(stream_id, recording);
    void recording.end(null);
    return recording;
  }

  #finish({ folder, journal }: StoredRecording): Recording {
    log.warning("recording {recording_id} was left unfinished: it is being finished", { ...journal });
    const recording = new Recording(this.#recordingOptions(folder, journal));
    this.#working.add(recording);
    return recording;
  }

  /** Ends everything, quickly; gives how many recordings are left to be finished by another process. */
  async close(): Promise<number> {
    this.#closing = true;
    this.#closed.abort();
    const working = [...this.#working];
    await Promise.all(working.map((recording) => recording.suspend()));
    return working.filter((recording) => recording.is_left).length;
  }

  #assertFree({ stream_id }: RecordableStream): void {
    if (this.#latest.get(stream_id)?.info().status === "recording")
      throw new FlyBrowserError("recording_already_active");
  }

  #recordingOptions(folder: string, journal: RecordingJournal): RecordingOptions {
    const { ffmpegPath, look } = this.#options;
    return {
      folder,
      journal,
      ffmpegPath,
      ...(look ? { look } : {}),
      inTurn: (work) => {
        this.#turn = this.#turn.then(work);
        return this.#turn;
      },
      onChange: (info) => this.#changed(info),
    };
  }

  #changed(info: RecordingInfo): void {
    // One that has failed is kept: where the disk is full, its journal still tells of before.
    if (info.status === "finished" || info.status === "recovered") {
      for (const recording of this.#working) {
        if (recording.recording_id === info.recording_id) this.#working.delete(recording);
      }
    }
    for (const listener of this.#listeners) listener(info);
  }
}

/** What the stream's picture is now; before the first: what was asked for. */
function videoCodec({ feed, source }: RecordableStream): string {
  const video = feed.run?.video;
  const names = { h264: "avc1", h265: "hvc1", vp9: "vp09" } as const;
  return video ? readInitSegment(0, video).codec : names[source.codec];
}

function chooseFormat(wanted: RecordingFormat | undefined, codec: string): RecordingFormat {
  const fitting: RecordingFormat = codec.startsWith("vp09") ? "webm" : "mp4";
  if (wanted === undefined || wanted === fitting) return fitting;
  throw new FlyBrowserError("unsupported_combination", {
    what: `A recording as ${wanted} of a stream in ${codec.split(".")[0] ?? codec}`,
    reason:
      wanted === "webm"
        ? "WebM carries VP9 only, and a recording never encodes the picture a second time"
        : "many players can't play VP9 in MP4",
    instead: `Record as ${fitting}, or start the stream with codec ${wanted === "webm" ? "vp9" : "h264"}.`,
  });
}

/** Waits until the host that recorded it has let it go, not for ever; gives what it is then. */
async function letGo(folder: string): Promise<StoredRecording | null> {
  const deadline = Date.now() + LET_GO_WITHIN;
  for (;;) {
    const stored = readRecording(folder);
    const isHeld = stored?.alive === true && stored.journal.status === "recording";
    if (!isHeld || Date.now() >= deadline) return stored;
    await sleep(LOOK_AGAIN);
  }
}

/** Waits for `work`, `within` ms at most. */
async function before(work: Promise<unknown>, within: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, within);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
