// The player: brings host, engine and video element together, turns what happens into events of the state
// machine, and does what the viewer asks. Never draws.
import type { PlayerState } from "../protocol/player-messages.ts";
import { EngineKeeper } from "./engine-keeper.ts";
import type { Way, WayId } from "./engines/engine.ts";
import { sourceOf } from "./engines/engine.ts";
import { Gauges } from "./gauges.ts";
import type { ClockSample } from "./latency.ts";
import { LiveSync } from "./live-sync.ts";
import type { Snapshot, TimelineWindow } from "./snapshot.ts";
import { Sound } from "./sound.ts";
import { initialState, isAdvancing, isOver, type Phase, type PlaybackEvent, phaseOf, reduce } from "./state-machine.ts";
import { keepPicture } from "./still-picture.ts";
import { StreamWatcher } from "./stream-watcher.ts";
import { watchSurroundings } from "./surroundings.ts";
import { TaskList, taskRows } from "./tasks.ts";
import { placeOn, timelineOf } from "./timeline.ts";

/** ms between two looks at the media. */
const TICK = 250;
/** A tick later than this means that the machine slept, ms. */
const SLEPT = 5_000;
/** ms between two questions to the host while pictures stand still. */
const ASK_PAUSE = 3_000;
/** Seconds before the end of all media, within which a picture that stands is the last one. */
const AT_END = 0.1;
/** ms to wait for the host's word before playing without it. */
const FIRST_WORD = 1_500;

/** What a {@link Player} needs. */
export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  /** Keeps the last picture while one engine takes over from another. */
  readonly still: HTMLCanvasElement;
  /** Folder of the stream. */
  readonly base: URL;
  /** The ways that this browser can do, best first. */
  readonly ways: readonly Way[];
  readonly onSnapshot: (snapshot: Snapshot) => void;
}

/** Plays one stream until the page goes away. */
export class Player {
  /** The sound, for the viewer to set. */
  readonly sound: Sound;
  readonly #options: PlayerOptions;
  readonly #video: HTMLVideoElement;
  readonly #keeper: EngineKeeper;
  readonly #watcher: StreamWatcher;
  readonly #gauges: Gauges;
  readonly #sync: LiveSync;
  readonly #tasks = new TaskList();
  readonly #listeners = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #state = initialState(Date.now());
  #phase: Phase = "connecting";
  #since = Date.now();
  #stream: PlayerState | null = null;
  #lastTick = Date.now();
  #askedAt = 0;
  #starting = false;

  constructor(options: PlayerOptions) {
    const { video, base, ways } = options;
    this.#options = options;
    this.#video = video;
    this.#gauges = new Gauges(video);
    this.sound = new Sound(video, () => this.#publish());
    this.#keeper = new EngineKeeper(video, ways, {
      onBeforeChange: () => keepPicture(video, options.still),
      onChange: () => this.#play(),
    });
    this.#sync = new LiveSync(video, this.#keeper);
    this.#watcher = new StreamWatcher(base, {
      onMessage: (message, clock) => this.#heard(message, clock),
      onTask: (task) => {
        this.#tasks.put(task);
        this.#publish();
      },
      onUnreachable: () => this.#dispatch({ type: "unreachable" }),
      onGone: () => this.#dispatch({ type: "server", server: "gone", ended_at: null, now: Date.now() }),
    });
    this.#listen();
    this.#watcher.ask();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** Ends everything. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#listeners.abort();
    this.#watcher.close();
    this.#keeper.close();
  }

  /** Holds the picture, or lets it go on. */
  togglePause(): void {
    if (this.#state.held || this.#video.ended) this.resume();
    else this.pause();
  }

  /** Holds the picture. */
  pause(): void {
    this.#dispatch({ type: "hold" });
    this.#video.pause();
  }

  /** Goes on where the picture was held; near the edge that means: live. */
  resume(): void {
    this.#dispatch({ type: "resume", now: Date.now() });
    this.#play();
  }

  /** Goes to the live edge and stays there. */
  goLive(): void {
    this.#dispatch({ type: "go_live", now: Date.now() });
    this.#sync.jump(this.#state.target, Date.now());
    this.#play();
  }

  /** Goes to a place on the timeline, seconds of the video's own time. */
  seek(to: number): void {
    const window = this.#timeline();
    if (!window) return;
    const place = placeOn(window, to, isOver(this.#state) ? 0 : this.#state.target);
    this.#video.currentTime = place;
    this.#dispatch({ type: "seek", behind: window.edge - place, now: Date.now() });
  }

  /** Goes `seconds` on, or back when negative. */
  skip(seconds: number): void {
    this.seek(this.#video.currentTime + seconds);
  }

  /** Takes another way to view. */
  chooseWay(id: WayId): void {
    this.#keeper.choose(id);
    this.#dispatch({ type: "go_live", now: Date.now() });
  }

  #listen(): void {
    const { signal } = this.#listeners;
    const video = this.#video;
    // The browser's own controls (picture-in-picture, media keys) pause and play without asking us.
    const paused = () => {
      const seen = !document.hidden || document.pictureInPictureElement === video;
      if (seen && !this.#atEnd && video.readyState > 0) this.#dispatch({ type: "hold" });
    };
    const played = () => {
      if (this.#state.held) this.#dispatch({ type: "resume", now: Date.now() });
    };
    video.addEventListener("pause", paused, { signal });
    video.addEventListener("play", played, { signal });
    video.addEventListener("ended", () => this.#dispatch({ type: "media_ended", ended: true }), { signal });
    for (const name of ["playing", "seeked", "loadeddata"]) {
      video.addEventListener(name, () => this.#tick(), { signal });
    }
    video.addEventListener("volumechange", () => this.#publish(), { signal });
    watchSurroundings({ onBack: () => this.#wake(), onOffline: () => this.#watcher.ask() }, signal);
  }

  #heard(message: PlayerState, clock: ClockSample | null): void {
    const now = Date.now();
    const wasAway = !this.#state.reachable;
    if (clock) this.#gauges.setClock(clock);
    this.#stream = message;
    if (message.tasks) this.#tasks.replace(message.tasks);
    const ended_at = message.ended_at ? Date.parse(message.ended_at) : null;
    const server = (
      {
        initializing: "starting",
        active: "live",
        recovering: "recovering",
        stopped: "stopped",
        error: "failed",
      } as const
    )[message.state];
    this.#dispatch({ type: "server", server, ended_at, now });
    if (isOver(this.#state)) {
      this.#watcher.close();
      this.#keeper.finish();
    } else if (!this.#keeper.started) this.#keeper.start(sourceOf(message.urls, this.#options.base), message.viewing);
    else if (wasAway && !isAdvancing(this.#state, now)) this.#keeper.retry();
  }

  #dispatch(event: PlaybackEvent): void {
    const before = this.#state;
    this.#state = reduce(before, event);
    if (this.#state !== before) this.#publish();
  }

  #tick(): void {
    const now = Date.now();
    const slept = now - this.#lastTick > SLEPT;
    this.#lastTick = now;
    if (slept) this.#wake();
    if (!this.#keeper.started && !isOver(this.#state) && now - this.#state.opened_at > FIRST_WORD)
      this.#keeper.start(sourceOf({}, this.#options.base), []);
    const position = this.#keeper.position();
    const { live_edge, target } = position;
    const unseen = document.hidden && document.pictureInPictureElement !== this.#video;
    const { advanced, buffered } = this.#gauges.look(now, unseen);
    const behind = live_edge === null ? 0 : Math.max(0, live_edge - this.#video.currentTime);
    if (advanced && this.#video.readyState > 1) this.#options.still.hidden = true;
    this.#dispatch({ type: "media_ended", ended: this.#atEnd });
    this.#dispatch({ type: "sample", advanced, behind, target: target ?? this.#state.target, now });
    const running = !this.#state.held && isAdvancing(this.#state, now);
    this.#gauges.takeLatency(running ? position : null, now);
    this.#keepPlaying();
    this.#sync.tick(this.#state, buffered, now);
    const wanted = !this.#state.held && !isOver(this.#state) && this.#state.reachable && this.#keeper.started;
    const still = wanted && !isAdvancing(this.#state, now) && now >= this.#state.patient_until;
    if (still && now - this.#askedAt > ASK_PAUSE) {
      this.#askedAt = now;
      this.#watcher.ask();
    }
    this.#keeper.tick(still, now);
  }

  /** Engines are rebuilt and browsers pause hidden videos: what isn't held, plays. */
  #keepPlaying(): void {
    if (!this.#state.held && this.#video.paused && !this.#atEnd && this.#phase !== "ended") this.#play();
  }

  /** Nothing more comes. dash.js may pause there by itself, a moment before the element says that it has ended, or never. */
  get #atEnd(): boolean {
    const { ended, currentTime, duration } = this.#video;
    return ended || currentTime >= duration - AT_END;
  }

  #wake(): void {
    this.#watcher.ask();
    if (!isAdvancing(this.#state, Date.now()) && !isOver(this.#state)) this.#keeper.retry();
  }

  #play(): void {
    if (this.#starting || this.#state.held) return;
    this.#starting = true;
    this.#video
      .play()
      .catch((thrown: unknown) => {
        // Not allowed even without sound (battery saver): the viewer's own click will do. All else is tried again.
        if (thrown instanceof DOMException && thrown.name === "NotAllowedError") {
          if (this.#video.muted) this.#dispatch({ type: "hold" });
          else this.#video.muted = true;
        }
      })
      .finally(() => {
        this.#starting = false;
      });
  }

  #timeline(): TimelineWindow | null {
    return timelineOf(this.#keeper.position(), this.#video.currentTime);
  }

  #publish(): void {
    const now = Date.now();
    const phase = phaseOf(this.#state, now);
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#since = phase === "reconnecting" ? (this.#state.advanced_at ?? this.#state.opened_at) : now;
    }
    const timeline = this.#timeline();
    const shown = timeline?.date_zero == null ? null : timeline.date_zero + timeline.position * 1000;
    this.#options.onSnapshot({
      phase,
      since: this.#since,
      behind: this.#state.behind,
      following: this.#state.following,
      stream: this.#stream,
      ended_at: this.#state.ended_at,
      timeline,
      tasks: taskRows(this.#tasks.all(), { picture: shown ?? this.#gauges.hostTime(now), timeline }),
      muted: this.#video.muted,
      volume: this.#video.volume,
      sound_touched: this.sound.touched,
      figures: this.#gauges.figures(this.#keeper.position(), {
        held: this.#state.held,
        started: this.#keeper.started,
      }),
      way: this.#keeper.way?.id ?? null,
      ways: this.#keeper.choices.map(({ id, label }) => ({ id, label })),
      unsupported: this.#options.ways.length === 0,
    });
  }
}
