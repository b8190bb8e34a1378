// HLS in the player. hls.js is four fifths of the player's code: it is loaded where it is to play, and not before the page is there
// for somebody who watches another way.
import {
  type Engine,
  type EngineEvents,
  type EngineFactory,
  type EnginePosition,
  type EngineQualities,
  NO_QUALITIES,
  type PlaybackProtocol,
  UNKNOWN_POSITION,
} from "./engine.ts";
import { mediaSourceClass } from "./live-media.ts";

/** Stands for the engine until its code is there, and hands on to it from then on. */
class LoadedEngine implements Engine {
  readonly adjustable_rate = true;
  readonly #load: () => Promise<Engine>;
  readonly #events: EngineEvents;
  #engine: Engine | null = null;
  /** What the viewer has chosen before there was an engine to tell. */
  #quality: string | null = null;
  #loading = false;
  #video: HTMLVideoElement | null = null;
  #destroyed = false;

  constructor(load: () => Promise<Engine>, events: EngineEvents) {
    this.#load = load;
    this.#events = events;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    void this.#begin(video);
  }

  async #begin(video: HTMLVideoElement): Promise<void> {
    this.#loading = true;
    try {
      const engine = await this.#load();
      if (this.#destroyed) return engine.destroy();
      this.#engine = engine;
      engine.attach(video);
      if (this.#quality !== null) engine.selectQuality?.(this.#quality);
    } catch (cause) {
      if (!this.#destroyed)
        this.#events.onFailed({ kind: "network", reason: `hls.js can't be loaded: ${String(cause)}` });
    } finally {
      this.#loading = false;
    }
  }

  position(): EnginePosition {
    return this.#engine?.position() ?? UNKNOWN_POSITION;
  }

  qualities(): EngineQualities {
    return this.#engine?.qualities?.() ?? NO_QUALITIES;
  }

  selectQuality(id: string | null): void {
    this.#quality = id;
    this.#engine?.selectQuality?.(id);
  }

  starved(): void {
    this.#engine?.starved?.();
  }

  retry(): void {
    if (this.#engine) this.#engine.retry();
    else if (this.#video && !this.#loading && !this.#destroyed) void this.#begin(this.#video);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#engine?.destroy();
  }
}

/** Codecs one of which a browser must decode for HLS to be worth a try. */
const CODECS = ["avc1.42c01f", "vp09.00.50.08", "av01.0.01M.08"];

const factory = (protocol: PlaybackProtocol, lowLatency: boolean): EngineFactory => ({
  protocol,
  supported: () => CODECS.some((codec) => mediaSourceClass()?.isTypeSupported(`video/mp4; codecs="${codec}"`)),
  urlOf: ({ hls }) => hls,
  create: (url, events) =>
    new LoadedEngine(async () => {
      const { HlsEngine } = await import("./hls-engine.ts");
      return new HlsEngine(url, events, lowLatency);
    }, events),
});

/** Low-latency HLS. */
export const lowLatencyHlsEngine = factory("ll-hls", true);

/** The same playlist without its parts: seconds later, steadier on a poor connection. */
export const hlsEngine = factory("hls", false);
