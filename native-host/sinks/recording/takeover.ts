// Recordings that other hosts left when they died or were replaced: one that comes back with its tab is resumed here, any other
// is finished.
import { setTimeout as sleep } from "node:timers/promises";
import { timeout } from "../../../protocol/async.ts";
import { partLogger } from "../../logging.ts";
import {
  forgetOldest,
  RELEASED_WITHIN,
  recentOrphans,
  takeAllToFinish,
  takeToFinish,
  takeToResume,
  untilReleased,
} from "./orphans.ts";
import type { RecordableStream, Recording } from "./recording.ts";
import type { RecordingStore } from "./recording-store.ts";
import { reserveNext } from "./target-path.ts";

/** ms after which what was to be resumed, and isn't, is finished. */
const RESUME_WITHIN = 10_000;

const log = partLogger("recording");

/** What a {@link Takeover} needs. */
export interface TakeoverOptions {
  /** Directory of all recordings of the user. */
  readonly home: string;
  /** ms after which what was to be resumed, and isn't, is finished. Replaced in tests. */
  readonly resume_within?: number;
}

/** Takes recordings over, into the store. */
export class Takeover {
  readonly #store: RecordingStore;
  readonly #options: TakeoverOptions;
  /** The extension will bring their streams; it hasn't yet. */
  readonly #promised = new Set<string>();
  /** Not to be resumed: the user has stopped them. */
  readonly #stopped = new Set<string>();
  /** What is being resumed, by stream. */
  readonly #resuming = new Map<string, { readonly recording_id: string; readonly done: Promise<void> }>();
  readonly #closed = new AbortController();

  constructor(store: RecordingStore, options: TakeoverOptions) {
    this.#store = store;
    this.#options = options;
  }

  /**
   * Resumes a recording of a stream that was another host's: in the same file, or, when somebody else finishes that by now, in
   * another one beside it. Doesn't reject: a stream goes on without its recording too.
   */
  resume(stream: RecordableStream, recording_id: string): Promise<void> {
    const { stream_id } = stream;
    this.#promised.delete(recording_id);
    const goes_on = this.#store.recordedStream(recording_id) === stream_id; // the host lives, its connection was lost
    if (goes_on || this.#stopped.has(recording_id)) return Promise.resolve();
    const done = this.#resume(stream, recording_id).finally(() => {
      if (this.#resuming.get(stream_id)?.done === done) this.#resuming.delete(stream_id);
    });
    this.#resuming.set(stream_id, { recording_id, done });
    return done;
  }

  /** Resolves when nothing is being resumed for a stream. */
  async settled(stream_id: string): Promise<void> {
    await this.#resuming.get(stream_id)?.done;
  }

  /** The stream for which one is about to be resumed; `null`: none. */
  streamOf(recording_id: string): string | null {
    const promised = this.#promised.has(recording_id) ? this.#store.find(recording_id) : null;
    return this.#resumingFor(recording_id) ?? promised?.stream_id ?? null;
  }

  /** Finishes what was to be resumed for a stream; gives its id, `null`: there is none. */
  async stop(stream_id: string): Promise<string | null> {
    const resuming = this.#resuming.get(stream_id);
    const promised = [...this.#promised].find((id) => this.#store.find(id)?.stream_id === stream_id);
    const recording_id = resuming?.recording_id ?? promised ?? null;
    if (recording_id === null) return null;
    this.#promised.delete(recording_id);
    this.#stopped.add(recording_id);
    await timeout<unknown>(resuming?.done ?? untilReleased(this.#store.folder(recording_id)), RELEASED_WITHIN);
    if (!this.#store.latest(stream_id)) this.#finish(recording_id, stream_id);
    return recording_id;
  }

  /**
   * Finishes what dead hosts left, one after the other; of those that were `promised` to be resumed here, and those that another
   * host may resume, what still waits after 10 s. Begins `after` ms: it reads all that is known. Gives how many there were.
   */
  async recover(promised: readonly string[], after = 0): Promise<number> {
    const { home, resume_within = RESUME_WITHIN } = this.#options;
    for (const recording_id of promised) this.#promised.add(recording_id);
    if (after > 0) await sleep(after, undefined, { signal: this.#closed.signal }).catch(() => {});
    const waiting = [...promised, ...recentOrphans(home)];
    const left = takeAllToFinish(home, waiting).map((stored) => this.#store.finish(stored).end(null));
    if (waiting.length > 0) {
      await sleep(resume_within, undefined, { signal: this.#closed.signal }).catch(() => {});
      this.#promised.clear(); // they may still come
      for (const recording_id of waiting) {
        const recording = this.#resumingFor(recording_id) === null ? this.#finish(recording_id) : null;
        if (recording) left.push(recording.end(null));
      }
    }
    await Promise.allSettled(left);
    forgetOldest(home);
    return left.length;
  }

  /** Waits for nothing any more. */
  close(): void {
    this.#closed.abort();
  }

  #resumingFor(recording_id: string): string | null {
    for (const [stream_id, resuming] of this.#resuming) if (resuming.recording_id === recording_id) return stream_id;
    return null;
  }

  async #resume(stream: RecordableStream, recording_id: string): Promise<void> {
    const folder = this.#store.folder(recording_id);
    const stored = await untilReleased(folder);
    const isOver = () => stream.is_over || this.#store.closed || this.#stopped.has(recording_id);
    if (!stored || isOver()) {
      if (stored) this.#finish(recording_id, stream.stream_id);
      return;
    }
    const taken = takeToResume(folder);
    if (taken) {
      log.info("recording {recording_id} goes on: {file_path}", { ...taken.journal });
      this.#store.resume(stream, taken);
      return;
    }
    const { file_path: first, format, offered = false, frame_rate } = stored.journal;
    try {
      await stream.waitUntilRecordable();
      if (isOver()) return;
      const target = {
        ...{ format, file_path: reserveNext(first), continued_from: recording_id, offered },
        ...(frame_rate === undefined ? {} : { frame_rate }),
      };
      const { file_path } = await this.#store.begin(stream, target);
      log.warning("{first} is being finished already: what follows is recorded into {file_path}", { first, file_path });
    } catch (thrown) {
      log.error("recording {recording_id} does not go on: {thrown}", { recording_id, thrown });
    }
  }

  /** Finishes one that was left, if it still is; with a `stream_id` it is what `stopRecording` then tells of. */
  #finish(recording_id: string, stream_id?: string): Recording | null {
    const taken = this.#store.closed ? null : takeToFinish(this.#store.folder(recording_id));
    if (!taken) return null;
    const recording = this.#store.finish(taken, stream_id);
    void recording.end(null);
    return recording;
  }
}
