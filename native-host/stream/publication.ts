// What viewers may see of a stream, from its publishing to its end: a token, a window of media, destinations. Without one, a
// stream is only recorded, and nobody can reach it.
import { Emitter } from "../../protocol/emitter.ts";
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { Task } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { FanOut } from "../media/fan-out.ts";
import type { Packager, ReadyPart } from "../packager/packager.ts";
import type { Destination } from "./destination.ts";
import { Destinations } from "./destinations.ts";
import { type CaptureFacts, playerState, type StreamFacts } from "./report.ts";
import type { TaskStore } from "./task-store.ts";
import { marksOf } from "./timeline.ts";

/** ms after its end in which viewers may still fetch what there was, with tasks that ended with it. */
const TASKS_AFTER_END = 30_000;

/** What a publication is made of. */
export interface PublicationOptions {
  /** Of the stream, with the token of this publication. */
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly packager: Packager;
  /** Where else it goes. They are connected and closed here. */
  readonly destinations: readonly Destination[];
}

/** The stream that is published. */
export interface PublishedStream {
  readonly media: FanOut;
  readonly tasks: TaskStore;
  /** What is known of the capture now. */
  readonly facts: () => CaptureFacts;
  /** Calls `listener` when that has changed; gives the function that ends this. */
  readonly onChange: (listener: () => void) => () => void;
}

/** One publication. */
export class Publication {
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly packager: Packager;
  readonly destinations: Destinations;
  readonly tasks: {
    list(): Task[];
    onChange(listener: (event: TaskEvent) => void): () => void;
  };
  readonly #stream: PublishedStream;
  readonly #changes = new Emitter();
  readonly #progress = new Emitter();
  readonly #failures = new Emitter<FlyBrowserError>();
  readonly #leave: (() => void)[] = [];
  #ended: { at: number; state: "stopped" | "error" } | null = null;
  /** What was known when it ended while the capture went on: what comes then is nothing for viewers. */
  #last: { readonly facts: CaptureFacts; readonly tasks: Task[] } | null = null;

  constructor({ identity, options, packager, destinations }: PublicationOptions, stream: PublishedStream) {
    this.identity = identity;
    this.options = options;
    this.packager = packager;
    this.#stream = stream;
    this.destinations = new Destinations(destinations, stream.media);
    const { tasks } = stream;
    const published_at = identity.published_at ?? identity.started_at;
    // What was done before it, or is done after it, nobody is to see.
    const seen = ({ started_at, ended_at }: Task) =>
      (ended_at === null || Date.parse(ended_at) >= published_at) &&
      (this.#ended === null || Date.parse(started_at) <= this.#ended.at);
    this.tasks = {
      list: () => this.#last?.tasks ?? tasks.list().filter(seen),
      onChange: (listener) =>
        tasks.onChange((event) => (!this.#last && seen(event.task) ? listener(event) : undefined)),
    };
    const mark = () => packager.setMarks(marksOf(this.tasks.list(), identity.started_at));
    if (this.tasks.list().length > 0) mark();
    const leaveTasks = tasks.onChange(mark);
    this.#leave.push(
      () => void setTimeout(leaveTasks, TASKS_AFTER_END).unref(),
      stream.onChange(() => this.#changes.emit()),
      packager.onChange(() => this.#progress.emit()),
      this.destinations.onChange(() => this.#destinationsChanged()),
      () => this.destinations.end(),
    );
  }

  get stream_id(): string {
    return this.identity.stream_id;
  }

  get view_token(): string {
    return this.identity.view_token;
  }

  /** Epoch ms; `null` while it goes on. */
  get ended_at(): number | null {
    return this.#ended?.at ?? null;
  }

  /** The first keyframe is there, and every destination that the stream has to have has accepted it. */
  get ready(): boolean {
    return this.destinations.ready && this.packager.begun;
  }

  /** Begins to package, from the last keyframe on, and to connect the destinations. */
  begin(): void {
    this.#leave.push(this.#stream.media.attach(this.packager, { renditions: "all" }).close);
    this.destinations.connect();
  }

  /** What is told of it. Its beginning is when it was published, whenever the capture began. */
  facts(): StreamFacts {
    const { identity, options } = this;
    const facts = this.#last?.facts ?? this.#stream.facts();
    const begun = facts.state !== "active" || this.packager.begun;
    return {
      ...facts,
      state: this.#ended?.state ?? (begun ? facts.state : "initializing"),
      identity: { ...identity, started_at: identity.published_at ?? identity.started_at },
      options,
      destinations: this.destinations.statuses,
      ended_at: this.ended_at,
    };
  }

  /** What the player shows now. */
  state(): PlayerState {
    return playerState(this.facts());
  }

  /** Calls `listener` when {@link state} has changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** Calls `listener` when there is more to play, or a destination has changed. */
  onProgress(listener: () => void): void {
    this.#progress.on(listener);
  }

  /** Calls `listener` with each part that viewers can fetch now. */
  onPart(listener: (part: ReadyPart) => void): void {
    this.#leave.push(this.packager.onPart(listener));
  }

  /** Calls `listener` when a destination that the stream has to have has refused it. */
  onFailure(listener: (error: FlyBrowserError) => void): void {
    this.#failures.on(listener);
  }

  /**
   * Viewers get no more; what they have stays playable for them for a while. `goes_on`: the capture does, for a recording.
   * Idempotent.
   */
  end(state: "stopped" | "error", goes_on = false): void {
    if (this.#ended) return;
    if (goes_on) this.#last = { facts: this.#stream.facts(), tasks: this.tasks.list() };
    this.#ended = { at: Date.now(), state };
    for (const leave of this.#leave.splice(0)) leave();
    this.packager.end();
    this.#changes.emit();
  }

  /** Takes leave of its destinations. Idempotent. */
  close(): Promise<void> {
    return this.destinations.close();
  }

  #destinationsChanged(): void {
    const { failure } = this.destinations;
    if (failure && !this.#ended) this.#failures.emit(failure);
    this.#progress.emit();
    this.#changes.emit();
  }
}
