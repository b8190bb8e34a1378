// The streams that viewers can reach: live ones, and those that ended a moment ago. What HTTP needs to know of a stream, and how
// a stream is found by its id and view token.
import { Emitter } from "../../protocol/emitter.ts";
import type { Share } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { Task } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { LiveFeed } from "../media/live-feed.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import type { Packager } from "../packager/packager.ts";
import type { ControlDesk } from "../stream/control-desk.ts";
import { findNothing, type Links } from "../stream/links.ts";
import type { Asked } from "./open-responses.ts";

/** ms for which requests for the stream of a host that died wait for it to go on here. */
const AWAITED_FOR = 3_000;
/** ms for which the URLs of an ended stream still work, with its ended playlists. */
const ENDED_GRACE = 30_000;
/** How many ended ones are kept, the youngest: each has its window of media in memory. */
const MOST_ENDED = 16;

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
  /** What opens it: each has a token, the secret part of the viewing URLs. */
  readonly links: Pick<Links, "find" | "onEnd" | "path"> & Partial<Pick<Links, "factsOf">>;
  /** Beginning of every link, without a slash at the end. */
  readonly base: string;
  readonly packager: Packager;
  /** `null`: there are none. */
  readonly rungs: Rungs | null;
  readonly clock: Pick<StreamClock, "now" | "ahead">;
  /** What the live engine is fed by; left out: it isn't offered. */
  readonly live?: Pick<LiveFeed, "join" | "viewers">;
  /** What the agent does. */
  readonly tasks: LiveTasks;
  /** Who steers the page; left out: nobody can. */
  readonly control?: Pick<ControlDesk, "join">;
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

/** A stream that was found. */
export interface FoundStream {
  readonly stream: LiveStream;
  /** By what it was asked for. */
  readonly asked: Asked;
}

/** Responses and viewers that are to end. */
export interface Ending {
  readonly stream_id: string;
  readonly isOver: (asked: Asked) => boolean;
}

/** Streams by id; an ended one stays for a while. */
export class LiveStreams {
  readonly #streams = new Map<string, { readonly stream: LiveStream; readonly release: () => void }>();
  /** Ids of those that have ended, the oldest first. */
  readonly #ended = new Set<string>();
  readonly #endings = new Emitter<Ending>();
  readonly #grace: number;
  /** Streams of a host that died, until they go on here; and those who wait for one of them. */
  readonly #awaited = new Set<string>();
  readonly #arrivals = new Emitter();

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
   * The stream, if id and token fit and viewers who come `from` there are let in. Compared in constant time, also where there is no
   * stream.
   */
  find(stream_id: string, token: string, from: Share): FoundStream | undefined {
    const stream = this.get(stream_id);
    if (!stream) findNothing(token);
    const link_id = stream?.links.find(token) ?? null;
    return stream && link_id !== null && stream.admits(from) ? { stream, asked: { link_id, from } } : undefined;
  }

  /** Streams of a host that died will go on here. */
  expect(stream_ids: readonly string[]): void {
    for (const stream_id of stream_ids) if (!this.#streams.has(stream_id)) this.#awaited.add(stream_id);
    setTimeout(() => {
      for (const stream_id of stream_ids) this.#awaited.delete(stream_id);
      this.#arrivals.emit();
    }, AWAITED_FOR).unref();
  }

  /** Resolves once a stream that is on its way here has come, or won't; `null`: none of this path is on its way. */
  arrival(path: string): Promise<void> | null {
    const stream_id = /^\/s\/([^/]+)\//.exec(path)?.[1] ?? "";
    if (!this.#awaited.has(stream_id)) return null;
    return new Promise((resolve) => {
      const leave = this.#arrivals.on(() => {
        if (this.#awaited.has(stream_id)) return;
        leave();
        resolve();
      });
    });
  }

  /** Calls `listener` when a link has ended, or a stream is shared with fewer than before. */
  onEnding(listener: (ending: Ending) => void): void {
    this.#endings.on(listener);
  }

  /** Adds a stream, in the place of one with the same id. It goes by itself after its packager's end. */
  add(stream: LiveStream): void {
    this.remove(stream.stream_id);
    let timer: NodeJS.Timeout | undefined;
    const onChange = (): void => {
      if (!stream.packager.ended || timer) return;
      timer = setTimeout(() => this.remove(stream.stream_id), this.#grace);
      timer.unref();
      this.#ended.add(stream.stream_id);
      const [oldest] = this.#ended;
      if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.remove(oldest);
    };
    const unsubscribe = stream.packager.onChange(onChange);
    const { stream_id } = stream;
    const leaveLinks = stream.links.onEnd((link_id) =>
      this.#endings.emit({ stream_id, isOver: (asked) => asked.link_id === link_id }),
    );
    const leaveSharing = stream.onChange(() =>
      this.#endings.emit({ stream_id, isOver: ({ from }) => !stream.admits(from) }),
    );
    const release = (): void => {
      for (const leave of [unsubscribe, leaveLinks, leaveSharing]) leave();
      clearTimeout(timer);
    };
    this.#streams.set(stream.stream_id, { stream, release });
    if (this.#awaited.delete(stream.stream_id)) this.#arrivals.emit();
    onChange();
  }

  /** Takes a stream away at once. */
  remove(stream_id: string): void {
    this.#streams.get(stream_id)?.release();
    this.#streams.delete(stream_id);
    this.#ended.delete(stream_id);
  }

  /** Takes all away. */
  close(): void {
    for (const stream_id of [...this.#streams.keys()]) this.remove(stream_id);
  }
}
