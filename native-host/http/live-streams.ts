// The streams that viewers can reach: live ones, and those that ended a moment ago. What HTTP needs to know of a stream, and how
// a stream is found by its id and view token.
import { timingSafeEqual } from "node:crypto";
import type { Share } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { Task } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import type { Packager } from "../packager/packager.ts";

/** ms for which the URLs of an ended stream still work, with its ended playlists. */
const ENDED_GRACE = 30_000;
/** Stands in for the token of a stream that isn't there; as long as a real one. */
const NO_TOKEN = Buffer.alloc(22);

/** Makes the rungs of a stream while somebody reads them (native-host/ladder/). */
export interface Rungs {
  /** Resolves when it is known which rungs there are; after a moment in any case. */
  known(): Promise<void>;
  /** Somebody reads a rendition, which may be a rung; `false`: it isn't made now. */
  read(rendition_id: string): boolean;
  /** Makes a segment of a rung that nobody read at the time. Resolves when it is there, or can't be had. */
  make(rendition_id: string, msn: number): Promise<void>;
}

/** A stream as viewers see it. */
export interface LiveStream {
  readonly stream_id: string;
  /** The secret part of the viewing URLs. */
  readonly view_token: string;
  readonly packager: Packager;
  /** `null`: there are none. */
  readonly rungs: Rungs | null;
  readonly clock: Pick<StreamClock, "now" | "ahead">;
  /** What the agent does. */
  readonly tasks: LiveTasks;
  /** Whether viewers who come that way may see it. */
  admits(from: Share): boolean;
  /** The state for the player as of now; cheap, called for each viewer. */
  state(): PlayerState;
  /** Calls `listener` when {@link state} has changed (not for each part); gives the function that ends this. */
  onChange(listener: () => void): () => void;
}

/** The tasks of a stream as viewers see them. */
export interface LiveTasks {
  /** All that are kept, oldest first. */
  list(): Task[];
  /** Calls `listener` with each task that begins, changes or ends; gives the function that ends this. */
  onChange(listener: (event: TaskEvent) => void): () => void;
}

/** Streams by id; an ended one stays for 30 s. */
export class LiveStreams {
  readonly #streams = new Map<string, { readonly stream: LiveStream; readonly release: () => void }>();
  readonly #grace: number;

  /** @param grace ms for which an ended stream stays */
  constructor(grace = ENDED_GRACE) {
    this.#grace = grace;
  }

  /** Ids of all. */
  get ids(): readonly string[] {
    return [...this.#streams.keys()];
  }

  /** The stream of an id. */
  get(stream_id: string): LiveStream | undefined {
    return this.#streams.get(stream_id)?.stream;
  }

  /**
   * The stream, if id and token fit and viewers who come `from` there are let in. Compared in constant time, also where there is no stream; only the length of a token, which
   * is no secret, shows.
   */
  find(stream_id: string, token: string, from: Share): LiveStream | undefined {
    const stream = this.get(stream_id);
    const expected = stream ? Buffer.from(stream.view_token) : NO_TOKEN;
    const given = Buffer.from(token);
    const comparable = given.length === expected.length;
    const same = timingSafeEqual(comparable ? given : expected, expected);
    return same && comparable && stream?.admits(from) ? stream : undefined;
  }

  /** Adds a stream, in the place of one with the same id. It goes by itself after its packager's end. */
  add(stream: LiveStream): void {
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
