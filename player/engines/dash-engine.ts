// DASH over Media Source Extensions: dash.js, loaded only when DASH is chosen, and configured so that latency control stays
// with latency-controller.ts, which treats all engines alike.
import type { ErrorEvent, FragmentLoadingCompletedEvent, MediaPlayerClass, MediaPlayerSettingClass } from "dashjs";
import { BitrateEstimator } from "./bitrate-estimator.ts";
import { DashRefresh } from "./dash-refresh.ts";
import { type DashWindow, dateAt, isUndecodable, readWindow } from "./dash-window.ts";
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
import { type Above, TRIED_SEGMENTS, WayUp } from "./way-up.ts";

const SETTINGS: MediaPlayerSettingClass = {
  debug: { logLevel: 0 },
  streaming: {
    // ms between two looks for a segment that isn't there yet; the default 0 would keep a core busy.
    scheduling: { lowLatencyTimeout: 40 },
    // Viewers begin with the source: nearly all of them have the line for it. None of dash.js' rules works where segments are loaded as they
    // grow: what is measured then is how fast they grow.
    abr: { autoSwitchBitrate: { video: false, audio: false }, initialBitrate: { video: 1_000_000 } }, // kbit/s
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
/** s of media that there are and that aren't loaded: then it is the line that is slow. */
const LINE_TO_BLAME = 0.4;
/** s of media ahead without which none of the line is spent on a trial. */
const AHEAD = 0.4;
/** ms for which the source stays where the host makes no rungs: as long as it says by Retry-After. */
const STAYS_HIGH = 15_000;
/** Target latency where the MPD has none, s. */
const DEFAULT_TARGET = 1.5;

/** The end of a segment's address: the Representation, then its Period and time. */
const SEGMENT = /\/[^/]+?-(?<run_and_time>\d+-t\d+\.m4s)$/;

/** ms within which what was loaded is gone. */
const REPLACED_WITHIN = 3_000;

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
  /** When it was loaded, ms of the page's clock. */
  #windowAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When the first frame could be shown, ms of the page's clock. */
  #startedAt: number | null = null;
  /** The viewer has chosen a rendition. */
  #chosen = false;
  readonly #wayUp = new WayUp({
    above: () => this.#above(),
    up: (id) => this.#player?.setRepresentationForTypeById("video", id),
  });
  /** Addresses of the segments of video that were loaded last, the newest first. */
  #loaded: readonly string[] = [];
  /** What was loaded is being replaced: where it began, s, and since when. */
  #replaced: { readonly from: number; readonly at: number } | null = null;
  /** When a rung was refused, ms of the page's clock. */
  #refusedAt = Number.NEGATIVE_INFINITY;
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
      playing_date: dateAt(window, video.currentTime),
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
    if (id !== null) this.#player.setRepresentationForTypeById("video", id);
  }

  /** dash.js lets go late of a segment that grows. */
  starved(): void {
    const { choices, playing } = this.qualities();
    const lowest = choices.at(-1);
    const [video, window] = [this.#video, this.#window];
    if (this.#chosen || !lowest || !video || !window || playing === lowest.id) return;
    if (performance.now() - this.#refusedAt < STAYS_HIGH) return;
    const loaded = video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : 0;
    // On such a line the MPD is late, too.
    const newest = Math.min(window.newest + (performance.now() - this.#windowAt) / 1000, window.last_end);
    if (newest - loaded < LINE_TO_BLAME) return;
    this.#wayUp.cameDown();
    this.#force(lowest.id);
  }

  /** What the line could be tried for. */
  #above(): Above | null {
    const [video, loaded] = [this.#video, this.#loaded];
    if (this.#destroyed || this.#chosen || !video || !this.#player?.isReady()) return null;
    const ahead = video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) - video.currentTime : 0;
    if (video.seeking || ahead < AHEAD || performance.now() - this.#refusedAt < STAYS_HIGH) return null;
    const playing = this.#player.getCurrentRepresentationForType("video");
    const sound = this.#player.getCurrentRepresentationForType("audio")?.bandwidth ?? 0;
    const [best, ...others] = this.#player
      .getRepresentationsByType("video")
      .filter(({ bandwidth }) => playing && bandwidth > playing.bandwidth)
      .toSorted((a, b) => b.bandwidth - a.bandwidth)
      .map(({ id, bandwidth }) => ({ id, bitrate: bandwidth + sound }));
    // Of the same time in all renditions; what is whole of one is whole of the source.
    if (!best) return null;
    const segments = loaded.map((url) => url.replace(SEGMENT, `/${best.id}-$<run_and_time>`));
    return { better: [best, ...others], segments };
  }

  /** A rung that this computer is too busy for, chosen or not: dash.js would ask for it again and again, then begin anew. */
  #refused(): void {
    const { choices, playing } = this.qualities();
    const source = choices[0];
    if (!source || playing === source.id) return;
    this.#refusedAt = performance.now();
    this.#force(source.id);
  }

  /** Plays a rendition, instead of what is under way. */
  #force(id: string): void {
    this.#chosen = false;
    this.#replaced = this.#video && { from: startOf(this.#video), at: performance.now() };
    this.#player?.setRepresentationForTypeById("video", id, true);
  }

  /**
   * Chromium doesn't decode on where what it was decoding was replaced, though the new media reach further; nor does the sound wait.
   */
  #seekAfterReplacing(video: HTMLVideoElement): void {
    const replaced = this.#replaced;
    if (!replaced) return;
    const { currentTime } = video;
    if (startOf(video) > replaced.from) video.currentTime = currentTime;
    else if (performance.now() - replaced.at < REPLACED_WITHIN) return;
    this.#replaced = null;
  }

  retry(): void {
    if (this.#destroyed || !this.#player) return;
    this.#player.attachSource(this.#url);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    clearInterval(this.#timer);
    this.#wayUp.close();
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
      if (!(request.duration > 0)) return;
      this.#bitrate.add(request.mediaType, request.duration, request.bytesLoaded || 0);
      const { mediaType, url } = request;
      if (mediaType === "video" && url) this.#loaded = [url, ...this.#loaded].slice(0, TRIED_SEGMENTS);
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
    this.#seekAfterReplacing(video);
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
    this.#windowAt = performance.now();
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

/** s; where the loaded media begin. */
const startOf = ({ buffered }: HTMLVideoElement) =>
  buffered.length > 0 ? buffered.start(0) : Number.POSITIVE_INFINITY;

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
