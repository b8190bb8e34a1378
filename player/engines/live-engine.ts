// The live engine: the fragments of the one encoding, pushed over one WebSocket into Media Source Extensions, a fraction of a second behind,
// by plain HTTP. Where that can't be had, or the line is too slow for it, the player takes low-latency HLS.
import { LIVE_SOCKET, type LiveMessage, type LiveObject, type LiveTrack } from "../../protocol/live-messages.ts";
import { rateChangesStall } from "../browser.ts";
import { BitrateEstimator } from "./bitrate-estimator.ts";
import { type Engine, type EngineEvents, type EngineFactory, type EnginePosition, UNKNOWN_POSITION } from "./engine.ts";
import { LiveConnection } from "./live-connection.ts";
import { LiveMedia, mediaSourceClass } from "./live-media.ts";
import { LiveSteering } from "./live-steering.ts";
import { overGap } from "./seek-targets.ts";

/** ms between two looks at how much is ahead, and between two at what is too old. */
const LOOK = 40;
const TRIM = 5_000;
/** ms for which playback waits for {@link LiveSteering.target} to be there before it begins with less. */
const PATIENCE = 500;
/** s more than the target ahead with which a picture that stands is no longer waited for, and ms between two such looks. */
const ENOUGH = 0.03;
const UNSTICK_EVERY = 700;
/** ms without a message after which `retry` connects anew. */
const SILENCE = 1_500;
/** Failures of the decoder, stalls with media at hand, gaps because of a slow line: so many in so many ms, and another way is better. */
const MAX_TROUBLES = 3;
const TROUBLES_WITHIN = 30_000;
/** Runs of which the dates are remembered. */
const MAX_RUNS = 64;

/** What is known of a track by its alias. */
interface TrackState {
  readonly kind: LiveTrack["kind"];
  /** The newest object: its presentation time in s, and its bytes, whose duration the next one tells. */
  last: { readonly at: number; readonly bytes: number } | null;
}

class LiveEngine implements Engine {
  readonly adjustable_rate = true;
  readonly #url: string;
  readonly #events: EngineEvents;
  readonly #bitrate = new BitrateEstimator();
  readonly #steering = new LiveSteering();
  readonly #listeners = new AbortController();
  #video: HTMLVideoElement | null = null;
  #media: LiveMedia | null = null;
  #connection: LiveConnection | null = null;
  #look: ReturnType<typeof setInterval> | undefined;
  #tracks = new Map<number, TrackState>();
  /** Where the dates of the runs begin: presentation time, s, and epoch ms of presentation time 0. */
  #dates: { readonly from: number; readonly zero: number }[] = [];
  #pendingDate: number | null = null;
  #following = true;
  #begun = false;
  #firstAt: number | null = null;
  #trimmedAt = 0;
  #unstuckAt = 0;
  #troubles: number[] = [];
  #destroyed = false;

  constructor(url: string, events: EngineEvents) {
    this.#url = url;
    this.#events = events;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    // Otherwise each change of the rate costs sound that has been decoded already, and Chrome lets it run dry.
    video.preservesPitch = false;
    video.addEventListener("waiting", () => this.#waits(), { signal: this.#listeners.signal });
    video.addEventListener("volumechange", () => this.#hear(), { signal: this.#listeners.signal });
    this.#openMedia();
    this.#connection = new LiveConnection(this.#url, {
      onMessage: (message) => this.#take(message),
      onObject: (object) => this.#append(object),
      onHopeless: (reason) => this.#giveUp("unsupported", reason),
    });
    this.#look = setInterval(() => this.#steer(), LOOK);
  }

  position(): EnginePosition {
    const { newest, oldest = null } = this.#media ?? {};
    const video = this.#video;
    if (this.#destroyed || !video || !newest || !this.#begun) return UNKNOWN_POSITION;
    const date = this.#dates.findLast(({ from }) => from <= video.currentTime) ?? this.#dates[0];
    return {
      live_edge: newest.end,
      target: this.#steering.target,
      oldest,
      playing_date: date ? date.zero + video.currentTime * 1000 : null,
      bitrate: this.#bitrate.value,
    };
  }

  follow(following: boolean): void {
    if (following && !this.#following) this.#steering.begin(performance.now());
    this.#following = following;
    if (this.#video) this.#video.preservesPitch = !following;
  }

  retry(): void {
    const connection = this.#connection;
    if (!connection || this.#destroyed) return;
    if (connection.silence > SILENCE) connection.reconnect();
    else if (this.#begun) this.#trouble("media come, and don't play");
  }

  finish(): void {
    this.#connection?.close();
    this.#media?.end();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    clearInterval(this.#look);
    this.#listeners.abort();
    this.#connection?.close();
    this.#media?.close();
    if (this.#video) this.#video.preservesPitch = true;
  }

  #openMedia(): void {
    const video = this.#video;
    if (!video) return;
    this.#media?.close();
    this.#begun = false;
    this.#firstAt = null;
    this.#media = new LiveMedia(video, !video.muted, {
      onMore: () => this.#begin(),
      onFailed: (reason) => this.#trouble(reason),
    });
  }

  #take(message: LiveMessage): void {
    if (message.type === "run") this.#openRun(message);
    else if (message.type === "left_out") this.#leftOut();
    else if (message.type === "end") this.finish();
  }

  #openRun({ tracks, date_zero }: Extract<LiveMessage, { type: "run" }>): void {
    const alien = tracks.find(({ mime_type }) => !mediaSourceClass()?.isTypeSupported(mime_type));
    if (alien) {
      this.#giveUp("codec", `no decoder for ${alien.mime_type}`);
      return;
    }
    if (!this.#media?.fits(tracks)) this.#openMedia();
    this.#tracks = new Map(tracks.map(({ track_alias, kind }) => [track_alias, { kind, last: null }]));
    this.#pendingDate = date_zero;
    this.#media?.open(tracks);
    this.#steering.heard = (this.#media?.heard ?? true) && tracks.some(({ kind }) => kind === "audio");
    this.#steering.begin(performance.now());
  }

  #append({ track_alias, presentation_time, payload }: LiveObject & { readonly payload: Uint8Array }): void {
    const track = this.#tracks.get(track_alias);
    if (!track || !this.#media) return;
    const at = presentation_time / 1e6;
    if (this.#pendingDate !== null) {
      this.#dates = [...this.#dates, { from: at, zero: this.#pendingDate }].slice(-MAX_RUNS);
      this.#pendingDate = null;
    }
    if (track.last && at > track.last.at) this.#bitrate.add(track.kind, at - track.last.at, track.last.bytes);
    track.last = { at, bytes: payload.length };
    this.#sample();
    this.#media.append(track.kind, payload, at);
  }

  /** Sound that is turned on has to be in step with the picture; turned off again, it stays so. */
  #hear(): void {
    if (!this.#media || this.#media.heard || (this.#video?.muted ?? true)) return;
    this.#media.hear();
    this.#steering.heard = true;
    this.#steering.begin(performance.now());
  }

  /** Groups of pictures were left out: the line is slower than the stream. A lower rendition would do better, which HLS has. */
  #leftOut(): void {
    this.#steering.begin(performance.now());
    if (this.#counted()) this.#giveUp("unsupported", "the line is slower than the stream");
  }

  /** Begins to play as soon as enough is there. */
  #begin(): void {
    const { newest } = this.#media ?? {};
    const video = this.#video;
    if (this.#begun || !video || !newest) return;
    const now = performance.now();
    this.#firstAt ??= now;
    const { target } = this.#steering;
    if (newest.end - newest.start < target && now - this.#firstAt < PATIENCE) return;
    this.#begun = true;
    video.currentTime = Math.max(newest.start, newest.end - target);
    this.#steering.begin(now);
  }

  /** s ahead, where it plays in the newest stretch. */
  #sample(): void {
    const { newest } = this.#media ?? {};
    const video = this.#video;
    if (!newest || !video || !this.#begun || video.seeking || video.currentTime < newest.start) return;
    this.#steering.sample(newest.end - video.currentTime, performance.now());
  }

  #waits(): void {
    const video = this.#video;
    if (this.#begun && this.#following && video && !video.seeking && !video.paused) {
      this.#steering.ranDry(performance.now());
    }
  }

  #steer(): void {
    const [video, media] = [this.#video, this.#media];
    const now = performance.now();
    if (!video || !media?.newest) return;
    if (now - this.#trimmedAt > TRIM) {
      this.#trimmedAt = now;
      media.trim();
    }
    this.#begin();
    if (!this.#begun || video.seeking || video.ended) return;
    const { start, end } = media.newest;
    const gap = overGap(video) ?? (video.currentTime < (media.oldest ?? 0) ? media.oldest : null);
    if (gap !== null) video.currentTime = gap;
    if (!this.#following || video.paused) return;
    // Once its sound has run dry, Chrome waits for much more than it needs, the more the oftener, unless it is sent elsewhere.
    const enough = end - video.currentTime > this.#steering.target + ENOUGH;
    const stuck =
      video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && enough && now - this.#unstuckAt > UNSTICK_EVERY;
    if (video.currentTime < start || stuck) {
      this.#unstuckAt = now;
      video.currentTime = Math.max(start, end - this.#steering.target);
      this.#steering.begin(now);
      return;
    }
    this.#sample();
    const { rate, leap } = this.#steering.next(now);
    if (leap > 0) video.currentTime += leap;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  /** Begins anew, with another MediaSource; too often, and another way is better. */
  #trouble(reason: string): void {
    if (this.#destroyed) return;
    if (this.#counted()) {
      this.#giveUp("unsupported", reason);
      return;
    }
    console.warn(`live: ${reason}`);
    this.#openMedia();
    this.#connection?.reconnect();
  }

  /** Whether there was too much trouble lately, this one counted. */
  #counted(): boolean {
    const now = performance.now();
    this.#troubles = [...this.#troubles.filter((at) => now - at < TROUBLES_WITHIN), now];
    return this.#troubles.length >= MAX_TROUBLES;
  }

  #giveUp(kind: "unsupported" | "codec", reason: string): void {
    this.#connection?.close();
    if (!this.#destroyed) this.#events.onFailed({ kind, reason });
  }
}

/** The live engine, by WebSocket. */
export const liveEngine: EngineFactory = {
  protocol: LIVE_SOCKET,
  // It holds a tenth of a second by the rate, and leaps over every gap.
  supported: () => typeof WebSocket === "function" && mediaSourceClass() !== undefined && !rateChangesStall(),
  urlOf: ({ live }) => live,
  create: (url, events) => new LiveEngine(url, events),
};
