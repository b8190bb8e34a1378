// DASH over Media Source Extensions: dash.js, loaded only when DASH is chosen, and configured so that latency control stays
// with latency-controller.ts, which treats all engines alike.
import type { ErrorEvent, FragmentLoadingCompletedEvent, MediaPlayerClass, MediaPlayerSettingClass } from "dashjs";
import { BitrateEstimator } from "./bitrate-estimator.ts";
import { DashRefresh } from "./dash-refresh.ts";
import { type DashWindow, isUndecodable, readWindow } from "./dash-window.ts";
import {
  type Engine,
  type EngineEvents,
  type EngineFactory,
  type EngineFailure,
  type EnginePosition,
  type EngineQualities,
  NO_QUALITIES,
  UNKNOWN_POSITION,
} from "./engine.ts";
import { overGap, towardsEdge } from "./seek-targets.ts";

const SETTINGS: MediaPlayerSettingClass = {
  debug: { logLevel: 0 },
  streaming: {
    // ms between two looks for a segment that isn't there yet; the default 0 would keep a core busy.
    scheduling: { lowLatencyTimeout: 40 },
    // Sound has one Representation. Viewers begin with the source: nearly all of them have the line for it.
    abr: {
      autoSwitchBitrate: { video: true, audio: false },
      initialBitrate: { video: 1_000_000 }, // kbit/s
      // The rule for low latency: those that go by the buffer never see one, and download times are those of real time.
      rules: { throughputRule: { active: false }, bolaRule: { active: false }, loLPRule: { active: true } },
    },
    liveCatchup: { enabled: false },
    // The rewind window stays in memory: seeking back costs no request.
    buffer: { bufferToKeep: 90, bufferTimeDefault: 15, bufferTimeAtTopQuality: 15, bufferTimeAtTopQualityLongForm: 15 },
    // An interrupted capture leaves a gap, however long it took to resume.
    gaps: { smallGapLimit: 30 },
    lastBitrateCachingInfo: { enabled: false },
    lastMediaSettingsCachingInfo: { enabled: false },
  },
};

/** s past the newest segment for which the live edge moves on: an MPD that is no longer updated is no live stream. */
const MAX_EXTRAPOLATION = 2;
/** ms between two looks for a gap; dash.js itself waits for as long as the gap is. */
const GAP_CHECK = 150;
/** ms from the first frame during which latency is corrected by seeking. */
const STARTUP = 3_000;
/** s of media that there were at the MPD's time and that aren't loaded: then it is the line that is slow. */
const LINE_TO_BLAME = 0.4;
/** ms for which the lowest rendition stays then. */
const STAYS_LOW = 4_000;
/** ms for which the source stays where the host makes no rungs: as long as it says by Retry-After. */
const STAYS_HIGH = 15_000;
/** Target latency where the MPD has none, s. */
const DEFAULT_TARGET = 1.5;

/** HTTP status of the media that can't be had now; of the source there are none. */
const REFUSED = 503;

/** dash.js' error codes for missing Media Source Extensions. */
const UNSUPPORTED: ReadonlySet<number> = new Set([23, 24]);
/** dash.js' error codes when the MPD has nothing that the browser can decode. */
const CODEC: ReadonlySet<number> = new Set([32, 35]);
/** dash.js' error codes for an MPD, segment or init segment that could not be loaded or parsed. */
const NETWORK: ReadonlySet<number> = new Set([10, 11, 17, 25, 27, 28, 31]);
/** Harmless: dash.js then uses this machine's clock. */
const TIME_SYNC_FAILED = 16;

class DashEngine implements Engine {
  readonly adjustable_rate = true;
  readonly #url: string;
  readonly #events: EngineEvents;
  readonly #bitrate = new BitrateEstimator();
  #video: HTMLVideoElement | null = null;
  #player: MediaPlayerClass | null = null;
  #refresh: DashRefresh | null = null;
  #window: DashWindow | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When the first frame could be shown, ms of the page's clock. */
  #startedAt: number | null = null;
  /** The viewer has chosen a rendition. */
  #chosen = false;
  #forced: ReturnType<typeof setTimeout> | undefined;
  #destroyed = false;

  constructor(url: string, events: EngineEvents) {
    this.#url = url;
    this.#events = events;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    this.#start(video).catch((cause: unknown) => {
      if (!this.#destroyed)
        this.#events.onFailed({ kind: "media", reason: `dash.js failed to start: ${String(cause)}` });
    });
  }

  position(): EnginePosition {
    const window = this.#window;
    const video = this.#video;
    if (this.#destroyed || !window || !video || !this.#player || video.readyState === 0) return UNKNOWN_POSITION;
    // By the host's clock, which dash.js keeps track of.
    const latency = window.live ? this.#player.getCurrentLiveLatency() : Number.NaN;
    const now = video.currentTime + latency;
    return {
      live_edge: Number.isFinite(now) ? Math.min(now, window.last_end + MAX_EXTRAPOLATION) : window.last_end,
      target: window.live ? (window.target ?? DEFAULT_TARGET) : 0,
      oldest: window.oldest,
      playing_date: window.started_at + video.currentTime * 1000,
      bitrate: this.#bitrate.value,
    };
  }

  qualities(): EngineQualities {
    const player = this.#player;
    if (this.#destroyed || !player?.isReady()) return NO_QUALITIES;
    const all = player.getRepresentationsByType("video").toSorted((a, b) => b.bandwidth - a.bandwidth);
    const choices = all.map(({ id, height }) => ({ id, height }));
    return { choices, playing: player.getCurrentRepresentationForType("video")?.id ?? null };
  }

  selectQuality(id: string | null): void {
    if (this.#destroyed || !this.#player) return;
    this.#chosen = id !== null;
    clearTimeout(this.#forced);
    this.#setAuto(id === null);
    if (id !== null) this.#player.setRepresentationForTypeById("video", id);
  }

  /** dash.js measures a segment that grows by the time in which it grows, and lets go of one late. */
  starved(): void {
    const { choices, playing } = this.qualities();
    const lowest = choices.at(-1);
    const [video, window] = [this.#video, this.#window];
    if (this.#chosen || !lowest || !video || !window || playing === lowest.id) return;
    const loaded = video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : 0;
    if (window.newest - Math.max(loaded, video.currentTime) < LINE_TO_BLAME) return;
    this.#force(lowest.id, STAYS_LOW);
  }

  /** A rung that this computer is too busy for, chosen or not: dash.js would ask for it again and again, then begin anew. */
  #refused(): void {
    const { choices, playing } = this.qualities();
    const source = choices[0];
    if (source && playing !== source.id) this.#force(source.id, STAYS_HIGH);
  }

  /** Plays a rendition, instead of what is under way, for so many ms. */
  #force(id: string, ms: number): void {
    this.#chosen = false;
    this.#setAuto(false);
    this.#player?.setRepresentationForTypeById("video", id, true);
    clearTimeout(this.#forced);
    this.#forced = setTimeout(() => this.#setAuto(true), ms);
  }

  #setAuto(video: boolean): void {
    this.#player?.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video } } } });
  }

  retry(): void {
    if (this.#destroyed || !this.#player) return;
    this.#player.attachSource(this.#url);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#forced);
    this.#refresh?.close();
    this.#player?.destroy();
    this.#player = null;
  }

  async #start(video: HTMLVideoElement): Promise<void> {
    const { MediaPlayer } = await import("dashjs");
    if (this.#destroyed) return;
    const player = MediaPlayer().create();
    this.#player = player;
    player.updateSettings(SETTINGS);
    const { MANIFEST_LOADED, ERROR, FRAGMENT_LOADING_COMPLETED } = MediaPlayer.events;
    player.on(MANIFEST_LOADED, ({ data }) => this.#manifestLoaded(data));
    player.on(ERROR, (event) => this.#failed(event));
    player.on(FRAGMENT_LOADING_COMPLETED, ({ request }: FragmentLoadingCompletedEvent) => {
      if (request.duration > 0) this.#bitrate.add(request.mediaType, request.duration, request.bytesLoaded || 0);
    });
    player.addResponseInterceptor((response) => {
      if (response.status === REFUSED) this.#refused();
      return Promise.resolve(response);
    });
    this.#refresh = new DashRefresh(() => player.refreshManifest(() => {}));
    player.initialize(video, this.#url, false);
    this.#timer = setInterval(() => this.#seekIfNeeded(video), GAP_CHECK);
  }

  #seekIfNeeded(video: HTMLVideoElement): void {
    if (video.seeking) return;
    if (video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#startedAt ??= performance.now();
    const starting = this.#startedAt !== null && performance.now() - this.#startedAt < STARTUP;
    const { live_edge, target } = this.position();
    const late =
      starting && live_edge !== null && target !== null && this.#window?.live
        ? towardsEdge(video, live_edge - video.currentTime, target)
        : null;
    const destination = overGap(video) ?? late;
    if (destination !== null) video.currentTime = destination;
  }

  #manifestLoaded(manifest: unknown): void {
    if (isUndecodable(manifest, (type) => MediaSource.isTypeSupported(type))) {
      this.#events.onFailed({ kind: "codec", reason: "the MPD has no video that this browser can decode" });
      return;
    }
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
    this.#events.onFailed({ kind: kindOf(code), reason });
  }
}

function kindOf(code: number): EngineFailure["kind"] {
  if (CODEC.has(code)) return "codec";
  if (UNSUPPORTED.has(code)) return "unsupported";
  return NETWORK.has(code) ? "network" : "media";
}

/** Low-latency DASH. */
export const dashEngine: EngineFactory = {
  protocol: "dash",
  supported: () => typeof MediaSource !== "undefined" && MediaSource.isTypeSupported('video/mp4; codecs="avc1.42c01f"'),
  urlOf: ({ dash }) => dash,
  create: (url, events) => new DashEngine(url, events),
};
