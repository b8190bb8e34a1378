// What viewers may see of a stream, from its publishing to its end: a token, a window of media, destinations. Without one, a
// stream is only recorded, and nobody can reach it.
import { Emitter } from "../../protocol/emitter.ts";
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedDestination, ResolvedStartStreamOptions, Share } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { DestinationStatus, Task } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { Ladder } from "../ladder/ladder.ts";
import type { FanOut } from "../media/fan-out.ts";
import { LiveFeed } from "../media/live-feed.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import type { Packager, ReadyPart } from "../packager/packager.ts";
import { ControlDesk } from "./control-desk.ts";
import type { Destination } from "./destination.ts";
import { Destinations } from "./destinations.ts";
import { Links } from "./links.ts";
import { type CaptureFacts, playerState, type StreamFacts } from "./report.ts";
import type { Sharing, WatchPage } from "./sharing.ts";
import type { TaskStore, TimedTask } from "./task-store.ts";
import { marksOf } from "./timeline.ts";

/** ms after its end in which viewers may still fetch what there was, with tasks that ended with it. */
const TASKS_AFTER_END = 30_000;

/** What a publication is made of. */
export interface PublicationOptions {
  /** Of the stream, with the token of this publication. */
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly packager: Packager;
  /** Makes the rungs of the packager; `null`: there are none. */
  readonly ladder: Ladder | null;
  /** Where else it goes. They are connected and closed here. */
  readonly destinations: readonly Destination[];
  /** Makes one more. @throws FlyBrowserError `invalid_option`, `unsupported_combination` */
  readonly makeDestination: (asked: ResolvedDestination) => Destination;
  /** Who can open its links. It is ended here. */
  readonly sharing: Sharing;
}

/** The stream that is published. */
export interface PublishedStream {
  readonly media: FanOut;
  readonly clock: StreamClock;
  readonly tasks: TaskStore;
  /** What is known of the capture now. */
  readonly facts: () => CaptureFacts;
  /** Calls `listener` when that has changed; gives the function that ends this. */
  readonly onChange: (listener: () => void) => () => void;
}

/** One publication. */
export class Publication {
  readonly identity: StreamIdentity;
  readonly packager: Packager;
  /** The rungs, while somebody reads them; `null`: there are none. */
  readonly rungs: Ladder | null;
  readonly clock: StreamClock;
  readonly destinations: Destinations;
  readonly sharing: Sharing;
  readonly links: Links;
  /** For viewers who are pushed the media as they come. */
  readonly live: LiveFeed;
  /** Who steers the page. */
  readonly control: ControlDesk;
  readonly tasks: {
    list(): Task[];
    onChange(listener: (event: TaskEvent) => void): () => void;
  };
  readonly #stream: PublishedStream;
  /** Where people watch at a destination, by its id. */
  readonly #pages = new Map<string, string>();
  #options: ResolvedStartStreamOptions;
  readonly #makeDestination: PublicationOptions["makeDestination"];
  readonly #changes = new Emitter();
  readonly #progress = new Emitter();
  readonly #failures = new Emitter<FlyBrowserError>();
  readonly #leave: (() => void)[] = [];
  #partAt: number;
  readonly #timed: () => TimedTask[];
  /** `at`: by the stream's clock. */
  #ended: { at: number; state: "stopped" | "error" } | null = null;
  /** What was known when it ended while the capture went on: what comes then is nothing for viewers. */
  #last: { readonly facts: CaptureFacts; readonly tasks: TimedTask[] } | null = null;

  constructor(
    { identity, options, packager, ladder, destinations, makeDestination, sharing }: PublicationOptions,
    stream: PublishedStream,
  ) {
    this.#makeDestination = makeDestination;
    for (const asked of options.destinations) this.#rememberPage(asked);
    this.identity = identity;
    this.#options = options;
    this.packager = packager;
    this.rungs = ladder;
    this.sharing = sharing;
    this.links = new Links(identity, stream.clock);
    this.#stream = stream;
    this.clock = stream.clock;
    this.#partAt = stream.clock.now;
    this.destinations = new Destinations(destinations, stream.media, stream.clock);
    this.live = new LiveFeed({
      attach: (sink) => stream.media.attach(sink, { renditions: "live" }),
      wall: (at) => packager.wall(at),
    });
    const { tasks } = stream;
    this.control = new ControlDesk(identity.stream_id, tasks, () => this.#somethingChanged());
    tasks.controlledBy = () => this.control.holder;
    const published_at = identity.published_at ?? identity.started_at;
    // What was done before it, or is done after it, nobody is to see.
    const seen = ({ start, end }: TimedTask) =>
      (end === null || end >= published_at) && (this.#ended === null || start <= this.#ended.at);
    const told = (task_id: string) => {
      const timed = this.#last ? undefined : tasks.find(task_id);
      return timed !== undefined && seen(timed);
    };
    const timed = () => this.#last?.tasks ?? tasks.timed().filter(seen);
    this.tasks = {
      list: () => timed().map(({ task }) => task),
      onChange: (listener) => tasks.onChange((event) => (told(event.task.task_id) ? listener(event) : undefined)),
    };
    this.#timed = timed;
    const mark = () => packager.setMarks(marksOf(timed(), identity.started_at));
    if (this.tasks.list().length > 0) mark();
    const leaveTasks = tasks.onChange(mark);
    this.#leave.push(
      () => void setTimeout(leaveTasks, TASKS_AFTER_END).unref(),
      stream.onChange(() => this.#changes.emit()),
      packager.onChange(() => this.#progress.emit()),
      packager.onPart(({ rendition_id }) => {
        if (rendition_id === packager.main?.id) this.#partAt = stream.clock.now;
      }),
      this.destinations.onChange(() => this.#somethingChanged()),
      () => this.control.end(),
      () => this.live.end(),
      () => this.destinations.end(),
      () => sharing.end(),
      () => ladder?.close(),
    );
    sharing.onChange(() => this.#somethingChanged());
    this.links.onChange(() => this.#changes.emit());
  }

  /** As it is published now. */
  get options(): ResolvedStartStreamOptions {
    return this.#options;
  }

  get stream_id(): string {
    return this.identity.stream_id;
  }

  /** Beginning of every link, without a slash at the end. */
  get base(): string {
    return this.sharing.base;
  }

  /** ms since the last part of video was published, or since viewers were let in. */
  get silence(): number {
    return this.clock.now - this.#partAt;
  }

  /** ms since viewers were let in, up to its end. */
  get uptime(): number {
    return (this.#ended?.at ?? this.clock.now) - this.#started;
  }

  get #started(): number {
    return this.identity.published_at ?? this.identity.started_at;
  }

  /** The first keyframe is there, every destination that the stream has to have has accepted it, its links lead to it. */
  get ready(): boolean {
    return this.destinations.ready && this.sharing.settled && this.packager.begun;
  }

  /** Why it can't be as it was asked for; `null`: it can. */
  get failure(): FlyBrowserError | null {
    return this.destinations.failure ?? this.sharing.failure;
  }

  /** Whether viewers who come that way may see it. */
  admits(from: Share): boolean {
    return this.sharing.admits(from);
  }

  /** Begins to package, from the last keyframe on, and to connect the destinations. */
  begin(): void {
    this.#leave.push(this.#stream.media.attach(this.rungs ?? this.packager, { renditions: "all" }).close);
    this.destinations.connect();
  }

  /** It is encoded as these options say from now on. */
  become(encoded: ResolvedStartStreamOptions): void {
    const { protocol, destinations, renditions, follow, share } = this.#options;
    this.#options = {
      ...encoded,
      protocol,
      destinations,
      renditions,
      follow,
      ...(share === undefined ? {} : { share }),
    };
    this.rungs?.become(this.#options);
    this.#somethingChanged();
  }

  /** Has it go to one more place. @throws FlyBrowserError `invalid_option`, `unsupported_combination`, `no_active_stream` */
  addDestination(asked: ResolvedDestination): DestinationStatus {
    const destination = this.#makeDestination(asked);
    this.#rememberPage(asked);
    return this.destinations.add(destination);
  }

  /** Its destinations that have a page of their own, as they are now. */
  get watchPages(): WatchPage[] {
    return this.destinations.statuses.flatMap(({ destination_id, name, state, error }) => {
      const watch_url = this.#pages.get(destination_id);
      return watch_url === undefined ? [] : [{ destination_id, name, state, error, watch_url }];
    });
  }

  #rememberPage({ destination_id, watch_url }: ResolvedDestination): void {
    if (watch_url !== undefined) this.#pages.set(destination_id, watch_url);
  }

  /** What is told of it. Its beginning is when it was published, whenever the capture began. */
  facts(): StreamFacts {
    const { identity, options } = this;
    const facts = this.#last?.facts ?? this.#stream.facts();
    const begun = facts.state !== "active" || this.packager.begun;
    return {
      ...facts,
      state: this.#ended?.state ?? (begun ? facts.state : "initializing"),
      ...{ identity, options },
      destinations: this.destinations.statuses,
      sharing: this.sharing,
      path: this.links.path,
      started_at: this.clock.wall(this.#started),
      ended_at: this.#ended && this.clock.wall(this.#ended.at),
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

  /** Calls `listener` when there is more to play, or a destination or its sharing has changed. */
  onProgress(listener: () => void): void {
    this.#progress.on(listener);
  }

  /** Calls `listener` with each part that viewers can fetch now. */
  onPart(listener: (part: ReadyPart) => void): void {
    this.#leave.push(this.packager.onPart(listener));
  }

  /** Calls `listener` when it can't be as it was asked for: a destination has refused it, its links lead nowhere. */
  onFailure(listener: (error: FlyBrowserError) => void): void {
    this.#failures.on(listener);
  }

  /**
   * Viewers get no more; what they have stays playable for them for a while. `goes_on`: the capture does, for a recording.
   * Idempotent.
   */
  end(state: "stopped" | "error", goes_on = false): void {
    if (this.#ended) return;
    if (goes_on) this.#last = { facts: this.#stream.facts(), tasks: this.#timed() };
    this.#ended = { at: this.clock.now, state };
    for (const leave of this.#leave.splice(0)) leave();
    this.packager.end();
    this.#changes.emit();
  }

  /** Takes leave of its destinations; what waits for them goes out first, within a bound. Idempotent. */
  close(): Promise<void> {
    return this.destinations.close();
  }

  #somethingChanged(): void {
    const { failure } = this;
    if (failure && !this.#ended) this.#failures.emit(failure);
    this.#progress.emit();
    this.#changes.emit();
  }
}
