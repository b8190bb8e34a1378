// Owns the engine: chooses the way, starts it, repairs it with back-off, replaces it when it fails or stands
// still. Never decides what the viewer is told.

import type { Engine, EngineFailure, EnginePosition, StreamSource, Way, WayId } from "./engines/engine.ts";
import { chooseWay } from "./engines/ways.ts";
import { backOff } from "./latency.ts";

/** What the keeper tells. */
export interface KeeperEvents {
  /** The picture is about to go black for a moment: another engine takes over. */
  readonly onBeforeChange: () => void;
  /** An engine has begun. */
  readonly onChange: () => void;
}

/** ms of standstill, with the host there, after which the engine is asked to fetch again… */
const NUDGE = 4_000;
/** …and after which it is replaced; longer each time. */
const REPLACE = 10_000;

const NOWHERE: EnginePosition = { live_edge: null, target: null, oldest: null, playing_date: null, bitrate: null };

/** Keeps one engine at work on a video element. */
export class EngineKeeper {
  readonly #video: HTMLVideoElement;
  readonly #usable: readonly Way[];
  readonly #events: KeeperEvents;
  readonly #given_up = new Set<WayId>();
  #source: StreamSource = { hls: null, dash: null, whep: null };
  #order: readonly string[] = [];
  #wanted: WayId | null = null;
  #engine: Engine | null = null;
  #way: Way | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #stillSince: number | null = null;
  #nudged = false;
  #closed = false;

  constructor(video: HTMLVideoElement, usable: readonly Way[], events: KeeperEvents) {
    this.#video = video;
    this.#usable = usable;
    this.#events = events;
  }

  /** The way that is at work. */
  get way(): Way | null {
    return this.#way;
  }

  /** The ways that may be chosen: those that the browser can do and the stream offers. */
  get choices(): readonly Way[] {
    return this.#usable.filter((way) => way.address(this.#source) !== null);
  }

  /** Whether an engine was started. */
  get started(): boolean {
    return this.#engine !== null;
  }

  /** Whether the player may vary the speed. */
  get keepsTarget(): boolean {
    return this.#engine?.keeps_target ?? false;
  }

  /** Where the engine is. */
  position(): EnginePosition {
    return this.#engine?.position() ?? NOWHERE;
  }

  /** Starts with the host's addresses and its order of ways. Does nothing when an engine is at work. */
  start(source: StreamSource, order: readonly string[]): void {
    this.#source = source;
    this.#order = order;
    if (!this.#engine && !this.#closed) this.#replace();
  }

  /** Takes the way that the viewer chose. */
  choose(id: WayId): void {
    this.#wanted = id;
    this.#given_up.delete(id);
    this.#failures = 0;
    this.#replace();
  }

  /** The network or the machine is back: fetches again at once, without waiting for the back-off. */
  retry(): void {
    clearTimeout(this.#timer);
    this.#engine?.retry();
  }

  /** The stream is over. */
  finish(): void {
    this.#engine?.finish?.();
  }

  /** Called several times a second: `still` when pictures are wanted, possible, and don't come; `now` in ms. */
  tick(still: boolean, now: number): void {
    if (!still) {
      this.#stillSince = null;
      this.#nudged = false;
      if (this.#video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#failures = 0;
      return;
    }
    this.#stillSince ??= now;
    const standstill = now - this.#stillSince;
    if (standstill > REPLACE + this.#failures * 2_000) {
      this.#failures += 1;
      this.#replace();
    } else if (standstill > NUDGE && !this.#nudged) {
      this.#nudged = true;
      this.#engine?.retry();
    }
  }

  /** Ends the engine. Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#engine?.destroy();
    this.#engine = null;
  }

  #replace(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    if (this.#engine) this.#events.onBeforeChange();
    this.#engine?.destroy();
    this.#engine = null;
    this.#stillSince = null;
    this.#nudged = false;
    this.#way = chooseWay(this.#usable, this.#source, this.#wanted, this.#order, this.#given_up);
    const url = this.#way?.address(this.#source);
    if (!this.#way || !url) return;
    const engine = this.#way.create(url, { onFailed: (failure) => this.#failed(engine, failure) });
    this.#engine = engine;
    engine.attach(this.#video);
    this.#events.onChange();
  }

  #failed(engine: Engine, failure: EngineFailure): void {
    if (engine !== this.#engine || !this.#way) return;
    console.warn(`${this.#way.label}: ${failure.reason}`);
    clearTimeout(this.#timer);
    if (failure.kind === "unsupported") {
      this.#given_up.add(this.#way.id);
      this.#replace();
      return;
    }
    const wait = backOff(this.#failures++, Math.random());
    const repair = failure.kind === "network" ? () => engine.retry() : () => this.#replace();
    this.#timer = setTimeout(repair, wait);
  }
}
