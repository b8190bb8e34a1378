// HLS through Media Source Extensions, with and without low latency: hls.js with our rules. Keeps no speed and
// makes no jumps by itself: live-sync.ts does that for all engines alike.
import Hls, { type ErrorData, ErrorTypes, Events, type HlsConfig } from "hls.js";
import { BitrateMeter } from "./bitrate.ts";
import type { Engine, EngineEvents, EnginePosition, Way } from "./engine.ts";

/** hls.js as this player wants it. */
const CONFIG: Partial<HlsConfig> = {
  // Its own correction only speeds up, and only with a second in the buffer, which low latency never has.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0.25,
  // The rewind window stays in memory: seeking back costs no request.
  backBufferLength: 90,
  maxBufferLength: 15,
  maxMaxBufferLength: 30,
  startFragPrefetch: true,
  // Ours is fMP4: nothing to transmux, and a worker would need blob: in the CSP.
  enableWorker: false,
  // The tasks come as events, in time; as cues they would need a text track, which the CSP forbids.
  enableDateRangeMetadataCues: false,
};

/** ms between two attempts to repair the decoder in place; a second failure within is given to the player. */
const MEDIA_REPAIR = 5_000;

class HlsEngine implements Engine {
  readonly keeps_target = true;
  readonly #url: string;
  readonly #events: EngineEvents;
  readonly #hls: Hls;
  readonly #bitrate = new BitrateMeter();
  #repairedAt = Number.NEGATIVE_INFINITY;
  #destroyed = false;

  constructor(url: string, events: EngineEvents, lowLatencyMode: boolean) {
    this.#url = url;
    this.#events = events;
    this.#hls = new Hls({ ...CONFIG, lowLatencyMode });
  }

  attach(video: HTMLVideoElement): void {
    this.#hls.on(Events.ERROR, (_event, data) => this.#failed(data));
    this.#hls.on(Events.FRAG_BUFFERED, (_event, { frag, part }) => {
      const { duration, stats } = part ?? frag;
      this.#bitrate.add(frag.type, duration, stats.loaded);
    });
    this.#hls.loadSource(this.#url);
    this.#hls.attachMedia(video);
  }

  position(): EnginePosition {
    const details = this.#hls.latestLevelDetails;
    if (this.#destroyed || !details) {
      return { live_edge: null, target: null, oldest: null, playing_date: null, bitrate: null };
    }
    // After the end the edge stands still; before it, it moves on between two updates of the playlist. A playlist
    // that stopped coming must not count as a stream that goes on.
    const age = details.live ? Math.min(details.age, details.targetduration * 2) : 0;
    return {
      live_edge: details.edge + age,
      target: details.live ? this.#hls.targetLatency : 0,
      oldest: details.fragmentStart,
      playing_date: this.#hls.playingDate?.getTime() ?? null,
      bitrate: this.#bitrate.value,
    };
  }

  retry(): void {
    if (this.#destroyed) return;
    if (this.#hls.latestLevelDetails) this.#hls.startLoad(-1);
    else this.#hls.loadSource(this.#url);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#hls.destroy();
  }

  #failed(data: ErrorData): void {
    if (!data.fatal || this.#destroyed) return;
    if (data.type === ErrorTypes.MEDIA_ERROR && performance.now() - this.#repairedAt > MEDIA_REPAIR) {
      this.#repairedAt = performance.now();
      this.#hls.recoverMediaError();
      return;
    }
    const kind = data.type === ErrorTypes.NETWORK_ERROR ? "network" : "media";
    this.#events.onFailed({ kind, reason: data.details });
  }
}

/** Low-latency HLS for browsers with Media Source Extensions. */
export const lowLatencyHlsWay: Way = {
  id: "ll-hls",
  label: "HLS, low latency",
  supported: () => Hls.isSupported(),
  address: ({ hls }) => hls,
  create: (url, events) => new HlsEngine(url, events, true),
};

/** The same playlist without its parts: some seconds later, steadier on a poor line. */
export const hlsWay: Way = {
  id: "hls",
  label: "HLS, steady",
  supported: () => Hls.isSupported(),
  address: ({ hls }) => hls,
  create: (url, events) => new HlsEngine(url, events, false),
};
