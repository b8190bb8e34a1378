// Chooses the engine that plays the stream, starts it, and retries, replaces or switches it when it fails or stalls.
import { Backoff } from "../protocol/async.ts";
import {
  type Engine,
  type EngineFactory,
  type EngineFailure,
  type EnginePosition,
  type EngineQualities,
  NO_QUALITIES,
  type PlaybackProtocol,
  type StreamSource,
  UNKNOWN_POSITION,
} from "./engines/engine.ts";
import { chooseEngine } from "./engines/registry.ts";

/** What an {@link EngineSwitcher} works with. */
export interface EngineSwitcherOptions {
  readonly video: HTMLVideoElement;
  /** Lies behind the video; holds the last frame while one engine takes over from another. */
  readonly still: HTMLCanvasElement;
  /** The engines that this browser supports, preferred one first. */
  readonly engines: readonly EngineFactory[];
  /** Called when an engine has been started. */
  readonly onStarted: () => void;
  /** Whether this viewer may take over the page. */
  readonly steers?: () => boolean;
}

/** ms of a stall, with the host reachable, after which the engine retries… */
const RETRY_AFTER = 4_000;
/** …and after which it is replaced; longer after each failure. */
const REPLACE_AFTER = 10_000;
const REPLACE_STEP = 2_000;

/** ms without anything to show after which the engine may load something smaller. */
const STARVED_FOR = 400;

/** Keeps one engine running on a video element. */
export class EngineSwitcher {
  readonly #options: EngineSwitcherOptions;
  /** Protocols that don't work here, and why. */
  readonly #failed = new Map<PlaybackProtocol, "unsupported" | "codec">();
  readonly #backoff = new Backoff({ first: 500, longest: 8_000, jitter: 0.2 });
  #source: StreamSource = { hls: null, dash: null, whep: null, live: null };
  #preferred: readonly string[] = [];
  #selected: PlaybackProtocol | null = null;
  #quality: string | null = null;
  #engine: Engine | null = null;
  #protocol: PlaybackProtocol | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #stalledSince: number | null = null;
  #starvedSince: number | null = null;
  #retried = false;
  #closed = false;

  constructor(options: EngineSwitcherOptions) {
    this.#options = options;
  }

  /** The protocol in use. */
  get protocol(): PlaybackProtocol | null {
    return this.#protocol;
  }

  /** The protocols to choose from: those that the browser supports and the stream offers. */
  get protocols(): readonly PlaybackProtocol[] {
    const offered = this.#options.engines.filter((engine) => engine.urlOf(this.#source) !== null);
    return offered.map(({ protocol }) => protocol);
  }

  /** Whether nothing is left to play the stream with, since this browser has no decoder for its video. */
  get undecodable(): boolean {
    return !this.#engine && [...this.#failed.values()].includes("codec");
  }

  /** Whether an engine is running. */
  get started(): boolean {
    return this.#engine !== null;
  }

  /** Whether the player may vary the playback rate. */
  get adjustableRate(): boolean {
    return this.#engine?.adjustable_rate ?? false;
  }

  /** Tells the engine whether the viewer follows the live edge. `true`: then it holds its latency by itself. */
  follow(following: boolean): boolean {
    this.#engine?.follow?.(following);
    return this.#engine?.follow !== undefined;
  }

  /** Where the engine is. */
  position(): EnginePosition {
    return this.#engine?.position() ?? UNKNOWN_POSITION;
  }

  /** A data channel for input, on the connection by which is played; `null`: there is none. */
  inputChannel(): RTCDataChannel | null {
    return this.#engine?.inputChannel?.() ?? null;
  }

  /** The renditions to choose from, best first. */
  qualities(): EngineQualities & {
    /** The viewer's choice; `null`: as the connection allows. */ selected: string | null;
  } {
    return { ...(this.#engine?.qualities?.() ?? NO_QUALITIES), selected: this.#quality };
  }

  /** Plays one rendition, or whichever the connection allows (`null`). An engine that takes over begins with the latter. */
  selectQuality(id: string | null): void {
    this.#quality = id;
    this.#engine?.selectQuality?.(id);
  }

  /** Takes the host's URLs and its order of protocols. */
  offer(source: StreamSource, preferred: readonly string[]): void {
    this.#source = source;
    this.#preferred = preferred;
  }

  /** Starts with the host's URLs and its order of protocols. Does nothing while an engine is running. */
  start(source: StreamSource, preferred: readonly string[]): void {
    this.offer(source, preferred);
    if (!this.#engine && !this.#closed) this.#replace();
  }

  /** The stream is over: plays what there was, by a protocol that has it. */
  replay(): void {
    this.#source = { ...this.#source, whep: null, live: null };
    this.#preferred = ["hls", "dash"];
    this.#selected = null;
    this.#succeeded();
    this.#replace();
  }

  /** Switches to the protocol that the viewer selected. */
  select(protocol: PlaybackProtocol): void {
    this.#selected = protocol;
    this.#failed.delete(protocol);
    this.#succeeded();
    this.#replace();
  }

  /** Loads again without waiting for the backoff, because the network or the machine is back. */
  retry(): void {
    clearTimeout(this.#timer);
    this.#engine?.retry();
  }

  /** The stream is over. */
  finish(): void {
    this.#engine?.finish?.();
  }

  /** Called several times a second. `starved`: nothing moves, and nothing is loaded that could. `now` in ms. */
  watchBuffer(starved: boolean, now: number): void {
    if (!starved) this.#starvedSince = null;
    else this.#starvedSince ??= now;
    if (this.#starvedSince === null || now - this.#starvedSince < STARVED_FOR) return;
    this.#starvedSince = null;
    this.#engine?.starved?.();
  }

  /** Called several times a second. `stalled`: frames should be coming and aren't; `now` in ms. */
  tick(stalled: boolean, now: number): void {
    if (!stalled) {
      this.#stalledSince = null;
      this.#retried = false;
      if (this.#options.video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#succeeded();
      return;
    }
    this.#stalledSince ??= now;
    const duration = now - this.#stalledSince;
    if (duration > REPLACE_AFTER + this.#failures * REPLACE_STEP) {
      this.#failures += 1;
      this.#replace();
    } else if (duration > RETRY_AFTER && !this.#retried) {
      this.#retried = true;
      this.#engine?.retry();
    }
  }

  /** Stops the engine. Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#engine?.destroy();
    this.#engine = null;
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#backoff.reset();
  }

  #replace(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const { video, still, engines, onStarted, steers } = this.#options;
    if (this.#engine) keepLastFrame(video, still);
    this.#engine?.destroy();
    this.#engine = null;
    this.#stalledSince = null;
    this.#retried = false;
    this.#quality = null;
    const factory = chooseEngine({
      supported: engines,
      source: this.#source,
      selected: this.#selected,
      preferred: this.#preferred,
      failed: this.#failed,
    });
    this.#protocol = factory?.protocol ?? null;
    const url = factory?.urlOf(this.#source);
    if (!factory || !url) return;
    const events = { onFailed: (failure: EngineFailure) => this.#handleFailure(engine, failure) };
    const engine = factory.create(url, events, steers?.() ?? false);
    this.#engine = engine;
    engine.attach(video);
    onStarted();
  }

  #handleFailure(engine: Engine, failure: EngineFailure): void {
    if (engine !== this.#engine || !this.#protocol) return;
    console.warn(`${this.#protocol}: ${failure.reason}`);
    clearTimeout(this.#timer);
    if (failure.kind === "unsupported" || failure.kind === "codec") {
      this.#failed.set(this.#protocol, failure.kind);
      this.#replace();
      return;
    }
    this.#failures += 1;
    const recover = failure.kind === "network" ? () => engine.retry() : () => this.#replace();
    this.#timer = setTimeout(recover, this.#backoff.next());
  }
}

/** Copies the frame now shown to the canvas behind the video and shows that, so that a viewer never sees black. */
function keepLastFrame(video: HTMLVideoElement, still: HTMLCanvasElement): void {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
  still.width = videoWidth;
  still.height = videoHeight;
  still.getContext("2d")?.drawImage(video, 0, 0);
  still.hidden = false;
}
