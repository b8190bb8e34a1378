// What other hosts left when they died or were replaced: a recording goes on here with its tab, or is finished. Never takes one
// that its host still holds, and never writes a file.
import { setTimeout as sleep } from "node:timers/promises";
import { partLogger } from "../../logging.ts";
import { GoingOn } from "./going-on.ts";
import { claimLeftover, claimLeftovers, claimToGoOn, forgetOldest, undecided } from "./leftovers.ts";
import type { RecordableStream } from "./recordable-stream.ts";
import type { Recording } from "./recording.ts";
import type { RecordingShelf } from "./recording-shelf.ts";
import { reserveNext } from "./target-path.ts";
import { before, LET_GO_WITHIN, letGo } from "./waits.ts";

/** ms after which what was to go on, and doesn't, is finished. */
const GO_ON_WITHIN = 10_000;

const log = partLogger("recording");

/** What {@link Inheritance} needs. */
export interface InheritanceOptions {
  /** Directory of all recordings of the user. */
  readonly home: string;
  /** ms after which what was to go on, and doesn't, is finished. Replaced in tests. */
  readonly go_on_within?: number;
}

/** Takes over what was left, and puts it on the shelf. */
export class Inheritance {
  readonly #shelf: RecordingShelf;
  readonly #options: InheritanceOptions;
  readonly #goingOn = new GoingOn();
  readonly #closed = new AbortController();

  constructor(shelf: RecordingShelf, options: InheritanceOptions) {
    this.#shelf = shelf;
    this.#options = options;
  }

  /**
   * Goes on with a recording of a stream that was another host's: in the same file, or, when somebody else finishes that by
   * now, in another one beside it. Never rejects: a stream goes on without its recording too.
   */
  goOn(stream: RecordableStream, recording_id: string): Promise<void> {
    return this.#goingOn.take(stream.stream_id, recording_id, () => this.#goOn(stream, recording_id));
  }

  /** Resolves when nothing is being taken over for a stream. */
  async settled(stream_id: string): Promise<void> {
    await this.#goingOn.underWay(stream_id)?.done;
  }

  /** The stream for which one is about to go on; `null`: none. */
  streamOf(recording_id: string): string | null {
    const promised = this.#goingOn.promised.includes(recording_id) ? this.#shelf.find(recording_id) : null;
    return this.#goingOn.streamOf(recording_id) ?? promised?.stream_id ?? null;
  }

  /** What is to go on for a stream doesn't, and is finished instead; gives its id, `null`: there is none. */
  async dontGoOn(stream_id: string): Promise<string | null> {
    const taken = this.#goingOn.underWay(stream_id);
    const isOfStream = (id: string) => this.#shelf.find(id)?.stream_id === stream_id;
    const recording_id = taken?.recording_id ?? this.#goingOn.promised.find(isOfStream) ?? null;
    if (recording_id === null) return null;
    this.#goingOn.stop(recording_id);
    await before(taken?.done ?? letGo(this.#shelf.folder(recording_id)), LET_GO_WITHIN);
    if (!this.#shelf.latest(stream_id)) this.#finishLeft(recording_id, stream_id);
    return recording_id;
  }

  /**
   * Finishes what dead hosts left, one after the other; of those that were `promised` to go on here, and those that may go on
   * in another host, what still waits after 10 s. Gives how many there were.
   */
  async recover(promised: readonly string[]): Promise<number> {
    const { home, go_on_within = GO_ON_WITHIN } = this.#options;
    this.#goingOn.promise(promised);
    const waiting = [...promised, ...undecided(home)];
    const left = claimLeftovers(home, waiting).map((stored) => this.#shelf.finish(stored).end(null));
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

  /** Waits for nothing any more. */
  close(): void {
    this.#closed.abort();
  }

  async #goOn(stream: RecordableStream, recording_id: string): Promise<void> {
    const folder = this.#shelf.folder(recording_id);
    const stored = await letGo(folder);
    const isOver = () => stream.is_over || this.#shelf.closed || this.#goingOn.isStopped(recording_id);
    if (!stored || isOver()) {
      if (stored) this.#finishLeft(recording_id, stream.stream_id);
      return;
    }
    const claimed = claimToGoOn(folder);
    if (claimed) {
      log.info("recording {recording_id} goes on: {file_path}", { ...claimed.journal });
      this.#shelf.goOn(stream, claimed);
      return;
    }
    const { file_path: first, format } = stored.journal;
    try {
      await stream.waitUntilRecordable();
      if (isOver()) return;
      const target = { format, file_path: reserveNext(first), continued_from: recording_id };
      const { file_path } = await this.#shelf.begin(stream, target);
      log.warning("{first} is being finished already: what follows is recorded into {file_path}", { first, file_path });
    } catch (thrown) {
      log.error("recording {recording_id} does not go on: {thrown}", { recording_id, thrown });
    }
  }

  /** Finishes one that was left, if it still is; that of a stream is what `stop` then tells of. */
  #finishLeft(recording_id: string, stream_id?: string): Recording | null {
    const left = this.#shelf.closed ? null : claimLeftover(this.#shelf.folder(recording_id));
    if (!left) return null;
    const recording = this.#shelf.finish(left, stream_id);
    void recording.end(null);
    return recording;
  }
}
