// The player: connects host, engine and video element, turns what happens into events of the state machine, and carries out
// what the viewer asks for.
import type { PlayerState } from "../protocol/player-messages.ts";
import { EngineSwitcher } from "./engine-switcher.ts";
import { type EngineFactory, type PlaybackProtocol, sourceOf } from "./engines/engine.ts";
import { type ClockSample, steadyNow } from "./host-clock.ts";
import { LatencyController } from "./latency-controller.ts";
import { offeredRecording } from "./offered-recording.ts";
import { PlaybackReport } from "./playback-report.ts";
import type { Snapshot } from "./snapshot.ts";
import { Sound } from "./sound.ts";
import {
  initialState,
  isAdvancing,
  isOver,
  isStarved,
  type Phase,
  type PlaybackEvent,
  phaseOf,
  reduce,
  type ServerState,
} from "./state-machine.ts";
import { StatsCollector } from "./stats.ts";
import { Storyboard } from "./storyboard.ts";
import { StreamWatcher } from "./stream-watcher.ts";
import { TaskList, taskRows } from "./tasks.ts";
import { seekTarget, type TimelineWindow, timelineOf } from "./timeline.ts";

/** ms between two looks at the video element. */
const TICK = 250;
/** ms; a tick later than this means that the machine was asleep. */
const SLEPT = 5_000;
/** ms; what is lost between two runs shifts dates by less. */
const DATES_JUMP = 1_000;
/** ms between two requests to the host while playback is stalled. */
const REFRESH_INTERVAL = 3_000;
/** s before the end of all media within which a frame that stays is the last one. */
const AT_END = 0.1;
/** ms within which the host must say whether it still has the media of an ended stream. */
const REPLAY_TIMEOUT = 5_000;
/** Playback rates to choose from. */
export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2] as const;
/** ms to wait for the host's first message before playing without it. */
const FIRST_MESSAGE_TIMEOUT = 1_500;

const SERVER_STATES = {
  initializing: "starting",
  active: "live",
  recovering: "recovering",
  stopped: "stopped",
  error: "failed",
} as const satisfies Record<PlayerState["state"], ServerState>;

/** What a {@link Player} works with. */
export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  /** Lies behind the video; holds the last frame while one engine takes over from another. */
  readonly still: HTMLCanvasElement;
  /** Folder of the stream. */
  readonly base: URL;
  /** The engines that this browser supports, preferred one first. */
  readonly engines: readonly EngineFactory[];
  readonly onSnapshot: (snapshot: Snapshot) => void;
}

/** Plays one stream until the page goes away. */
export class Player {
  /** Mute and volume. */
  readonly sound: Sound;
  /** What this viewer has seen, in small. */
  readonly storyboard: Storyboard;
  readonly #options: PlayerOptions;
  readonly #video: HTMLVideoElement;
  readonly #engines: EngineSwitcher;
  readonly #watcher: StreamWatcher;
  readonly #stats: StatsCollector;
  readonly #latency: LatencyController;
  readonly #report: PlaybackReport;
  readonly #tasks = new TaskList();
  readonly #listeners = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #state = initialState(steadyNow());
  #phase: Phase = "connecting";
  #since = steadyNow();
  #stream: PlayerState | null = null;
  /** Only some of the host's messages say it. */
  #maySteer = false;
  #lastTick = Date.now();
  #refreshedAt = 0;
  /** Where the viewer wants to begin, ms since 1970. */
  #wantedDate: number | null = null;
  /** Epoch ms of position 0, as the media said it last. */
  #dateZero: number | null = null;
  #starting = false;
  /** Where the playlist of an ended stream is, while the host has it. */
  #replayUrl: string | null = null;
  /** Where the recording of an ended stream is, if its owner offers it. */
  #recording: string | null = null;

  constructor(options: PlayerOptions) {
    const { video, still, base, engines } = options;
    this.#options = options;
    this.#video = video;
    this.#stats = new StatsCollector(video);
    this.storyboard = new Storyboard(video);
    this.sound = new Sound(video, () => this.#publish());
    this.#engines = new EngineSwitcher({
      video,
      still,
      engines,
      onStarted: () => this.#play(),
      steers: () => this.#maySteer,
    });
    this.#latency = new LatencyController(video, this.#engines);
    this.#report = new PlaybackReport(new URL("cmcd", base), steadyNow());
    this.#watcher = new StreamWatcher(base, {
      onState: (stream, clock) => this.#update(stream, clock),
      onTask: (task) => {
        this.#tasks.put(task);
        this.#publish();
      },
      onUnreachable: () => this.#dispatch({ type: "unreachable", now: steadyNow() }),
      onGone: () => this.#dispatch({ type: "server", server: "gone", ended_at: null, now: steadyNow() }),
    });
    this.#listen();
    this.#watcher.refresh();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** Ends everything. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#listeners.abort();
    this.#watcher.close();
    this.#engines.close();
    this.#stats.close();
    this.#report.close();
  }

  /** Pauses, or plays. */
  togglePause(): void {
    if (this.#state.paused || this.#video.ended) this.resume();
    else this.pause();
  }

  /** Pauses. */
  pause(): void {
    this.#dispatch({ type: "pause" });
    this.#video.pause();
  }

  /** Plays from where it was paused; close to the live edge it follows that again. */
  resume(): void {
    this.#dispatch({ type: "resume", now: steadyNow() });
    this.#play();
  }

  /** Seeks to the live edge and follows it. */
  goLive(): void {
    this.#dispatch({ type: "go_live", now: steadyNow() });
    this.#latency.seekToLive(this.#state.target, steadyNow());
    this.#play();
  }

  /** Seeks to a position on the timeline, s of the video element's own time. */
  seek(to: number): void {
    const window = this.#timeline();
    if (!window) return;
    const position = seekTarget(window, to, isOver(this.#state) ? 0 : this.#state.target);
    this.#video.currentTime = position;
    this.#dispatch({ type: "seek", behind: window.edge - position, now: steadyNow() });
  }

  /** Seeks forward by `seconds`, or back if negative. */
  skip(seconds: number): void {
    this.seek(this.#video.currentTime + seconds);
  }

  /** Seeks to a share of the timeline: 0 is the oldest that can be seen, 1 the live edge. */
  seekToShare(share: number): void {
    const window = this.#timeline();
    if (window) this.seek(window.oldest + (window.edge - window.oldest) * share);
  }

  /** Seeks to the frame of `date`, ms since 1970, as soon as the timeline is known; one that is too old gives the oldest there is. */
  seekToDate(date: number): void {
    this.#wantedDate = date;
  }

  /** Plays all that can be seen, after the end: of what is loaded, else of what the host still has. */
  async watchAgain(): Promise<void> {
    if (this.#timeline() === null) {
      if (!(await this.#hasReplay())) {
        this.#replayUrl = null;
        this.#publish();
        return;
      }
      this.#engines.replay();
    } else this.seekToShare(0);
    this.resume();
  }

  /** Whether the host still has the media of the stream that has ended. */
  async #hasReplay(): Promise<boolean> {
    if (this.#replayUrl === null) return false;
    const options = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(REPLAY_TIMEOUT) } as const;
    return fetch(this.#replayUrl, options).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Plays at `speed` times the normal one; at the live edge there is nothing to play faster. */
  setSpeed(speed: number): void {
    this.#dispatch({ type: "speed", speed });
  }

  /** Plays slower or faster by `steps` of {@link SPEEDS}. */
  changeSpeed(steps: number): void {
    const next = SPEEDS[SPEEDS.indexOf(this.#state.speed as (typeof SPEEDS)[number]) + steps];
    if (next !== undefined) this.setSpeed(next);
  }

  /** Switches to another protocol, at the live edge. */
  selectProtocol(protocol: PlaybackProtocol): void {
    this.#engines.select(protocol);
    this.#dispatch({ type: "go_live", now: steadyNow() });
  }

  /** Shows what is now, with as little delay as there is: somebody steers by it. */
  steer(): void {
    const nearest = (["webrtc", "live"] as const).find((protocol) => this.#engines.protocols.includes(protocol));
    if (nearest && this.#engines.protocol !== nearest) this.selectProtocol(nearest);
    this.goLive();
  }

  /** A data channel for what this person does with the page; `null`: there is none. */
  inputChannel(): RTCDataChannel | null {
    return this.#engines.inputChannel();
  }

  /** Plays one rendition, or whichever the connection allows (`null`). */
  selectQuality(id: string | null): void {
    this.#engines.selectQuality(id);
    this.#publish();
  }

  #listen(): void {
    const { signal } = this.#listeners;
    const video = this.#video;
    // The browser's own controls (picture-in-picture, media keys) pause and play the element directly.
    const paused = () => {
      if (this.sound.muteAgain()) this.#play();
      else if (!this.#hidden && !this.#atEnd && video.readyState > 0) this.#dispatch({ type: "pause" });
    };
    const played = () => {
      if (this.#state.paused) this.#dispatch({ type: "resume", now: steadyNow() });
    };
    video.addEventListener("pause", paused, { signal });
    video.addEventListener("play", played, { signal });
    video.addEventListener("ended", () => this.#dispatch({ type: "media_ended", ended: true }), { signal });
    for (const name of ["playing", "seeked", "loadeddata"]) {
      video.addEventListener(name, () => this.#tick(), { signal });
    }
    video.addEventListener("volumechange", () => this.#publish(), { signal });
    addEventListener("online", () => this.#wake(), { signal });
    addEventListener("pageshow", () => this.#wake(), { signal });
    addEventListener("pagehide", () => this.#report.leave(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#wake(), { signal });
    // The browser believes to be offline; a host on this machine may be reachable all the same.
    addEventListener("offline", () => this.#watcher.refresh(), { signal });
  }

  #update(stream: PlayerState, clock: ClockSample | null): void {
    const now = steadyNow();
    const wasAway = !this.#state.reachable;
    if (clock) this.#stats.setClock(clock);
    this.#stream = stream;
    this.#maySteer ||= stream.allow === "control";
    if (stream.tasks) this.#tasks.replace(stream.tasks);
    const ended_at = stream.ended_at ? Date.parse(stream.ended_at) : null;
    this.#dispatch({ type: "server", server: SERVER_STATES[stream.state], ended_at, now });
    if (isOver(this.#state)) {
      this.#watcher.close();
      const source = sourceOf(stream.urls, this.#options.base);
      this.#replayUrl = source.hls;
      if (this.#engines.started) this.#engines.finish();
      else this.#engines.offer(source, stream.viewing);
      this.#publish();
      void offeredRecording(this.#options.base, this.#listeners.signal).then((recording) => {
        this.#recording = recording;
        this.#publish();
      });
    } else if (!this.#engines.started) this.#engines.start(sourceOf(stream.urls, this.#options.base), stream.viewing);
    else if (wasAway && !isAdvancing(this.#state, now)) this.#engines.retry();
  }

  #dispatch(event: PlaybackEvent): void {
    const before = this.#state;
    this.#state = reduce(before, event);
    if (this.#state !== before) this.#publish();
  }

  #tick(): void {
    const now = steadyNow();
    const wall = Date.now(); // goes on while the machine sleeps
    const slept = wall - this.#lastTick > SLEPT;
    this.#lastTick = wall;
    if (slept) this.#wake();
    if (!this.#engines.started && !isOver(this.#state) && now - this.#state.opened_at > FIRST_MESSAGE_TIMEOUT)
      this.#engines.start(sourceOf({}, this.#options.base), []);
    const position = this.#engines.position();
    const { live_edge, target } = position;
    const { advanced, buffered } = this.#stats.sample(now, this.#hidden);
    const behind = live_edge === null ? 0 : Math.max(0, live_edge - this.#video.currentTime);
    if (advanced && this.#video.readyState > 1) this.#options.still.hidden = true;
    this.#dispatch({ type: "media_ended", ended: this.#atEnd });
    this.#dispatch({ type: "sample", advanced, behind, target: target ?? this.#state.target, now });
    const running = !this.#state.paused && isAdvancing(this.#state, now);
    this.#stats.sampleLatency(running ? position : null, now);
    const window = advanced ? this.#timeline() : null;
    if (window?.date_zero != null) this.storyboard.sample(window.date_zero + window.position * 1000);
    this.#watchDates();
    this.#seekToWantedDate();
    this.#keepPlaying();
    this.#latency.tick(this.#state, buffered, now);
    const expected = !this.#state.paused && !isOver(this.#state) && this.#state.reachable && this.#engines.started;
    const stalled = expected && !isAdvancing(this.#state, now) && now >= this.#state.grace_until;
    if (stalled && now - this.#refreshedAt > REFRESH_INTERVAL) {
      this.#refreshedAt = now;
      this.#watcher.refresh();
    }
    this.#engines.watchBuffer(isStarved(this.#state, advanced, buffered, now), now);
    this.#engines.tick(stalled, now);
  }

  /** Engines are replaced and browsers pause hidden videos: unless it is paused by the viewer, it plays. */
  #keepPlaying(): void {
    if (!this.#state.paused && this.#video.paused && !this.#atEnd && this.#phase !== "ended") this.#play();
  }

  #seekToWantedDate(): void {
    const window = this.#wantedDate === null ? null : this.#timeline();
    if (this.#wantedDate === null || !window || window.date_zero === null) return;
    this.seek((this.#wantedDate - window.date_zero) / 1000);
    this.#wantedDate = null;
  }

  /** Dates of the media that jump show that the host's clock was set, or slept: what it shows now has to be asked. */
  #watchDates(): void {
    const date_zero = this.#timeline()?.date_zero ?? null;
    const before = this.#dateZero;
    this.#dateZero = date_zero;
    if (date_zero !== null && before !== null && Math.abs(date_zero - before) > DATES_JUMP) this.#watcher.refresh();
  }

  /** Whether a frame is shown that nothing follows. dash.js may pause there just before the `ended` event, or without any. */
  get #atEnd(): boolean {
    const { ended, currentTime, duration } = this.#video;
    return ended || currentTime >= duration - AT_END;
  }

  /** Whether nobody can see the video. */
  get #hidden(): boolean {
    return document.hidden && document.pictureInPictureElement !== this.#video;
  }

  #wake(): void {
    this.#watcher.refresh();
    if (!isAdvancing(this.#state, steadyNow()) && !isOver(this.#state)) this.#engines.retry();
  }

  #play(): void {
    if (this.#starting || this.#state.paused) return;
    this.#starting = true;
    this.#video
      .play()
      .catch((thrown: unknown) => {
        // Not allowed even without sound (battery saver): then a click of the viewer starts it. Everything else is retried.
        if (thrown instanceof DOMException && thrown.name === "NotAllowedError") {
          if (this.#video.muted) this.#dispatch({ type: "pause" });
          else this.#video.muted = true;
        }
      })
      .finally(() => {
        this.#starting = false;
      });
  }

  #timeline(): TimelineWindow | null {
    return timelineOf(this.#engines.position(), this.#video.currentTime);
  }

  #publish(): void {
    const now = steadyNow();
    const phase = phaseOf(this.#state, now);
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#since =
        phase === "reconnecting" || phase === "lost" ? (this.#state.last_frame_at ?? this.#state.opened_at) : now;
    }
    const timeline = this.#timeline();
    const shown_at = timeline?.date_zero == null ? null : timeline.date_zero + timeline.position * 1000;
    const stats = this.#stats.stats(this.#engines.position(), {
      paused: this.#state.paused,
      started: this.#engines.started,
    });
    this.#report.update({ phase, since: this.#since, protocol: this.#engines.protocol, stats }, now);
    this.#options.onSnapshot({
      phase,
      since: this.#since,
      behind: this.#state.behind,
      following: this.#state.following,
      stream: this.#stream,
      ended_at: this.#state.ended_at,
      timeline,
      replayable: isOver(this.#state) && (timeline !== null || this.#replayUrl !== null),
      recording: this.#recording,
      tasks: taskRows(this.#tasks.all(), { shown_at: shown_at ?? this.#stats.hostTime(now), timeline }),
      muted: this.#video.muted,
      volume: this.#video.volume,
      sound_touched: this.sound.touched,
      speed: this.#state.speed,
      stats,
      protocol: this.#engines.protocol,
      protocols: this.#engines.protocols,
      qualities: this.#engines.qualities(),
      unsupported: this.#options.engines.length === 0,
      undecodable: this.#engines.undecodable,
    });
  }
}
