// The streams that viewers can reach: live ones, and those that ended a moment ago. Never starts or ends a stream.
import type { StreamLookup, ViewableStream } from "./viewing.ts";

/** ms for which the paths of an ended stream still answer, with its ended playlists. */
export const ENDED_GRACE = 30_000;

/** Keeps streams by id; an ended one for {@link ENDED_GRACE} more. */
export class StreamShelf implements StreamLookup {
  readonly #streams = new Map<string, { stream: ViewableStream; release: () => void }>();
  readonly #grace: number;

  constructor(grace = ENDED_GRACE) {
    this.#grace = grace;
  }

  get(stream_id: string): ViewableStream | undefined {
    return this.#streams.get(stream_id)?.stream;
  }

  /** Puts a stream up, in the place of one with the same id. It goes by itself after its packager's end. */
  add(stream: ViewableStream): void {
    this.remove(stream.stream_id);
    let timer: NodeJS.Timeout | undefined;
    const onChange = (): void => {
      if (!stream.packager.ended || timer) return;
      timer = setTimeout(() => this.remove(stream.stream_id), this.#grace);
      timer.unref();
    };
    const unsubscribe = stream.packager.onChange(onChange);
    const release = (): void => {
      unsubscribe();
      clearTimeout(timer);
    };
    this.#streams.set(stream.stream_id, { stream, release });
    onChange();
  }

  /** Takes a stream away at once. */
  remove(stream_id: string): void {
    this.#streams.get(stream_id)?.release();
    this.#streams.delete(stream_id);
  }

  /** Takes all away. */
  close(): void {
    for (const stream_id of [...this.#streams.keys()]) this.remove(stream_id);
  }
}
