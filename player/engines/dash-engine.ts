// DASH through Media Source Extensions: dash.js with our rules, loaded only by those who take this way. Keeps no speed
// by itself: live-sync.ts does that for all engines alike.
import type { ErrorEvent, FragmentLoadingCompletedEvent, MediaPlayerClass, MediaPlayerSettingClass } from "dashjs";
import { BitrateMeter } from "./bitrate.ts";
import { DashRefresh } from "./dash-refresh.ts";
import { type DashWindow, readWindow } from "./dash-window.ts";
import type { Engine, EngineEvents, EngineFailure, EnginePosition, Way } from "./engine.ts";
import { overGap, towardsEdge } from "./jumps.ts";

/** dash.js as this player wants it. */
const SETTINGS: MediaPlayerSettingClass = {
  debug: { logLevel: 0 },
  streaming: {
    // While the next segment isn't there, dash.js looks for it that often, ms; its own 0 would keep a core busy.
    scheduling: { lowLatencyTimeout: 40 },
    // One Representation of each kind: nothing to choose, nothing to measure for it.
    abr: { autoSwitchBitrate: { video: false, audio: false } },
    liveCatchup: { enabled: false },
    // The rewind window stays in memory: seeking back costs no request.
    buffer: { bufferToKeep: 90, bufferTimeDefault: 15, bufferTimeAtTopQuality: 15, bufferTimeAtTopQualityLongForm: 15 },
    // A run that broke off leaves a gap up to the next one, however long that took to come.
    gaps: { smallGapLimit: 30 },
    lastBitrateCachingInfo: { enabled: false },
    lastMediaSettingsCachingInfo: { enabled: false },
  },
};

/** Seconds past the newest segment for which the edge is taken to move on: an MPD that stopped coming is no stream. */
const PATIENCE = 2;
/** ms between two looks for a gap: dash.js waits before each one for as long as it is. */
const GAP_CHECK = 150;
/** ms from the first picture in which a late beginning is made up by a jump. */
const BEGINNING = 3_000;
/** Latency to keep where the MPD says none, s. */
const DEFAULT_TARGET = 1.5;
const NOWHERE: EnginePosition = { live_edge: null, target: null, oldest: null, playing_date: null, bitrate: null };

/** dash.js' codes for what this browser can never do: no Media Source Extensions, or none for the codec. */
const UNSUPPORTED: ReadonlySet<number> = new Set([23, 24, 35]);
/** dash.js' codes for what could not be fetched or read: MPD, segment, init segment. */
const NETWORK: ReadonlySet<number> = new Set([10, 11, 17, 25, 27, 28, 31]);
/** Not the end of anything: it goes on by the clock of this machine. */
const TIME_SYNC_FAILED = 16;

class DashEngine implements Engine {
  readonly keeps_target = true;
  readonly #url: string;
  readonly #events: EngineEvents;
  readonly #bitrate = new BitrateMeter();
  #video: HTMLVideoElement | null = null;
  #player: MediaPlayerClass | null = null;
  #refresh: DashRefresh | null = null;
  #window: DashWindow | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When there was a picture first, ms of the page's clock. */
  #begunAt: number | null = null;
  #destroyed = false;

  constructor(url: string, events: EngineEvents) {
    this.#url = url;
    this.#events = events;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    this.#begin(video).catch((cause: unknown) => {
      if (!this.#destroyed) this.#events.onFailed({ kind: "media", reason: `dash.js didn't start: ${String(cause)}` });
    });
  }

  position(): EnginePosition {
    const window = this.#window;
    const video = this.#video;
    if (this.#destroyed || !window || !video || !this.#player || video.readyState === 0) return NOWHERE;
    // By the host's clock, which dash.js keeps.
    const latency = window.live ? this.#player.getCurrentLiveLatency() : Number.NaN;
    const now = video.currentTime + latency;
    return {
      live_edge: Number.isFinite(now) ? Math.min(now, window.last_end + PATIENCE) : window.last_end,
      target: window.live ? (window.target ?? DEFAULT_TARGET) : 0,
      oldest: window.oldest,
      playing_date: window.started_at + video.currentTime * 1000,
      bitrate: this.#bitrate.value,
    };
  }

  retry(): void {
    if (this.#destroyed || !this.#player) return;
    this.#player.attachSource(this.#url);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    clearInterval(this.#timer);
    this.#refresh?.close();
    this.#player?.destroy();
    this.#player = null;
  }

  async #begin(video: HTMLVideoElement): Promise<void> {
    const { MediaPlayer } = await import("dashjs");
    if (this.#destroyed) return;
    const player = MediaPlayer().create();
    this.#player = player;
    player.updateSettings(SETTINGS);
    const { MANIFEST_LOADED, ERROR, FRAGMENT_LOADING_COMPLETED } = MediaPlayer.events;
    player.on(MANIFEST_LOADED, ({ data }) => this.#loaded(data));
    player.on(ERROR, (event) => this.#failed(event));
    player.on(FRAGMENT_LOADING_COMPLETED, ({ request }: FragmentLoadingCompletedEvent) => {
      if (request.duration > 0) this.#bitrate.add(request.mediaType, request.duration, request.bytesLoaded || 0);
    });
    this.#refresh = new DashRefresh(() => player.refreshManifest(() => {}));
    player.initialize(video, this.#url, false);
    this.#timer = setInterval(() => this.#jump(video), GAP_CHECK);
  }

  #jump(video: HTMLVideoElement): void {
    if (video.seeking) return;
    if (video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#begunAt ??= performance.now();
    const beginning = this.#begunAt !== null && performance.now() - this.#begunAt < BEGINNING;
    const { live_edge, target } = this.position();
    const late =
      beginning && live_edge !== null && target !== null && this.#window?.live
        ? towardsEdge(video, live_edge - video.currentTime, target)
        : null;
    const place = overGap(video) ?? late;
    if (place !== null) video.currentTime = place;
  }

  #loaded(manifest: unknown): void {
    this.#window = readWindow(manifest) ?? this.#window;
    const latency = this.#player?.isReady() ? this.#player.getCurrentLiveLatency() : Number.NaN;
    const now = latency > 0 && this.#video ? this.#video.currentTime + latency : null;
    this.#refresh?.loaded(this.#window, now);
  }

  #failed({ error }: ErrorEvent): void {
    if (this.#destroyed) return;
    const code = typeof error === "object" && "code" in error ? Number(error.code) : Number.NaN;
    if (code === TIME_SYNC_FAILED) return;
    const reason = typeof error === "object" && "message" in error ? String(error.message) : String(error);
    const kind: EngineFailure["kind"] = UNSUPPORTED.has(code) ? "unsupported" : NETWORK.has(code) ? "network" : "media";
    this.#events.onFailed({ kind, reason });
  }
}

/** Low-latency DASH. */
export const dashWay: Way = {
  id: "dash",
  label: "DASH, low latency",
  supported: () => typeof MediaSource !== "undefined" && MediaSource.isTypeSupported('video/mp4; codecs="avc1.42c01f"'),
  address: ({ dash }) => dash,
  create: (url, events) => new DashEngine(url, events),
};
