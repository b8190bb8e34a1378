// What viewers may see of a stream, from its publishing to its end: a token, a window of media, an output, figures of its own.
// The one place that says so: without one, a stream is only recorded, and nobody can reach it. Never touches the capture.
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { Task } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { Packager } from "../packager/packager.ts";
import type { Figures } from "./figures.ts";
import type { MediaFeed } from "./media-feed.ts";
import type { StreamOutput } from "./output.ts";
import { PackagerReader } from "./packager-reader.ts";
import { PartLatency, type ReadyPart } from "./part-latency.ts";
import { playerState, type StreamFacts } from "./report.ts";
import type { StreamState } from "./state-machine.ts";
import type { TaskStore } from "./task-store.ts";
import { marksOf } from "./timeline.ts";

/** ms after its end in which viewers may still fetch what there was, with tasks that ended with it. */
const TASKS_AFTER_END = 30_000;

/** What main makes for a publication. */
export interface PublicationParts {
  /** Of the stream, with the token of this publication. */
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly packager: Packager;
  /** Where else it goes; left out: nowhere. It is connected and closed here. */
  readonly output?: StreamOutput | undefined;
}

/** What a publication needs of its stream. */
export interface PublishedStream {
  readonly feed: MediaFeed;
  readonly tasks: TaskStore;
  readonly figures: Figures;
  /** What is known of the stream now. */
  readonly facts: () => Omit<StreamFacts, "identity" | "options" | "rtmp_url" | "ended_at">;
  /** Calls `listener` when that has changed; gives the function that ends this. */
  readonly onChange: (listener: () => void) => () => void;
  /** There is more to play, or the output has changed. */
  readonly onProgress: () => void;
  /** A part that viewers can fetch is ready. */
  readonly onPart: (part: ReadyPart) => void;
  /** The output was refused. */
  readonly onFailed: (error: FlyBrowserError) => void;
}

/** One publication. */
export class Publication {
  readonly packager: Packager;
  readonly figures: Figures;
  readonly tasks: {
    list(): Task[];
    onChange(listener: (event: TaskEvent) => void): () => void;
  };
  readonly #parts: PublicationParts;
  readonly #stream: PublishedStream;
  readonly #leave: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();
  #connected: boolean;
  #failure: FlyBrowserError | null = null;
  #ended: { at: number; state: "stopped" | "error" } | null = null;
  /** What was known when it ended while the capture went on: what comes then is nothing for viewers. */
  #last: { readonly facts: ReturnType<PublishedStream["facts"]>; readonly tasks: Task[] } | null = null;

  constructor(parts: PublicationParts, stream: PublishedStream) {
    this.#parts = parts;
    this.#stream = stream;
    const { packager, output, identity } = parts;
    this.packager = packager;
    this.figures = stream.figures;
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
    this.#connected = output === undefined;
    const latency = new PartLatency(packager);
    const leaveTasks = tasks.onChange(mark);
    this.#leave.push(
      () => void setTimeout(leaveTasks, TASKS_AFTER_END).unref(),
      stream.onChange(() => this.#changed()),
      packager.onChange(() => {
        for (const part of latency.look(Date.now())) stream.onPart(part);
        stream.onProgress();
      }),
      stream.feed.add(new PackagerReader(packager)),
    );
    if (output) this.#connect(output);
  }

  get stream_id(): string {
    return this.#parts.identity.stream_id;
  }

  get view_token(): string {
    return this.#parts.identity.view_token;
  }

  get identity(): StreamIdentity {
    return this.#parts.identity;
  }

  get options(): ResolvedStartStreamOptions {
    return this.#parts.options;
  }

  get output(): StreamOutput | undefined {
    return this.#parts.output;
  }

  /** Epoch ms; `null` while it goes on. */
  get ended_at(): number | null {
    return this.#ended?.at ?? null;
  }

  /** The first picture is there, and the output has taken the stream. */
  get ready(): boolean {
    return this.#connected && this.packager.begun;
  }

  /** Why the output was refused; `null`: it wasn't. */
  get failure(): FlyBrowserError | null {
    return this.#failure;
  }

  /** What is told of it. Its beginning is when it was published, whenever the capture began. */
  facts(): StreamFacts {
    const { identity, options, output } = this.#parts;
    const facts = this.#last?.facts ?? this.#stream.facts();
    return {
      ...facts,
      state: this.#ended?.state ?? this.#state(facts.state),
      identity: { ...identity, started_at: identity.published_at ?? identity.started_at },
      options,
      rtmp_url: output?.public_url ?? null,
      ended_at: this.ended_at,
    };
  }

  /** What the player shows now. */
  state(): PlayerState {
    return playerState(this.facts());
  }

  /** Calls `listener` when {@link state} has changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Viewers get no more; what they have stays playable for them for a while. `goes_on`: the capture does, for a recording.
   * Idempotent.
   */
  end(state: "stopped" | "error", goes_on = false): void {
    if (this.#ended) return;
    if (goes_on) this.#last = { facts: this.#stream.facts(), tasks: this.tasks.list() };
    this.#ended = { at: Date.now(), state };
    for (const leave of this.#leave) leave();
    this.figures.close();
    this.packager.end();
    this.#changed();
  }

  /** Takes leave of where else it went. Idempotent. */
  async close(): Promise<void> {
    await this.#parts.output?.close();
  }

  #state(state: StreamState): StreamState {
    return state === "active" && !this.packager.begun ? "initializing" : state;
  }

  /** The output must be accepted before the stream counts as started; afterwards it looks after itself. */
  #connect(output: StreamOutput): void {
    const { feed, onProgress, onFailed } = this.#stream;
    output.onChange(() => {
      onProgress();
      this.#changed();
    });
    output.connect().then(
      () => {
        this.#connected = true;
        if (!this.#ended) this.#leave.push(feed.add(output.reader));
        onProgress();
      },
      (thrown: unknown) => {
        this.#failure = toFlyBrowserError(thrown);
        if (!this.#ended) onFailed(this.#failure);
      },
    );
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
