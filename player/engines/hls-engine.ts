// HLS over Media Source Extensions, with and without low latency: hls.js, configured so that latency control stays with
// latency-controller.ts, which treats all engines alike.
import Hls, {
  type ErrorData,
  ErrorDetails,
  ErrorTypes,
  Events,
  type FragLoadedData,
  type HlsConfig,
  type LoadPolicy,
} from "hls.js";
import { BitrateEstimator } from "./bitrate-estimator.ts";
import {
  type Engine,
  type EngineEvents,
  type EnginePosition,
  type EngineQualities,
  UNKNOWN_POSITION,
} from "./engine.ts";
import { PatientLoader } from "./patient-loader.ts";
import { type Above, TRIED_SEGMENTS, WayUp } from "./way-up.ts";

const CONFIG: Partial<HlsConfig> = {
  loader: PatientLoader,
  // Its own latency control only speeds up, and only with a second in the buffer, which low latency never has.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0.25,
  // The rewind window stays in memory: seeking back costs no request.
  backBufferLength: 90,
  maxBufferLength: 15,
  maxMaxBufferLength: 30,
  startFragPrefetch: true,
  // Ours is fMP4: nothing to transmux, and a worker would need blob: in the CSP.
  enableWorker: false,
  // A lower rendition is made only for those who need it: nobody begins with one, to try out the line.
  testBandwidth: false,
  abrEwmaDefaultEstimate: 5_000_000,
  // s; halves what was measured earlier. A line that has recovered is used again within seconds.
  abrEwmaFastLive: 2,
  abrEwmaSlowLive: 4,
  // BANDWIDTH is a cap that pages seldom reach.
  abrBandWidthUpFactor: 0.85,
  // A rendition that failed may be chosen again then: a rung that the host had no room for is refused for 15 s.
  errorPenaltyExpireMs: 15_000,
  // Tasks arrive as server-sent events; as cues they would need a text track, which the CSP forbids.
  enableDateRangeMetadataCues: false,
};

/** hls.js' errors when no variant has a codec that the browser can decode, or its decoder refuses the one that was tried. */
const CODEC: ReadonlySet<ErrorDetails> = new Set([
  ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.BUFFER_ADD_CODEC_ERROR,
]);

/**
 * ms from the first media on in which nobody goes to a rung by what was measured: that are a few parts, one late one among them. The same
 * for who comes up again, since what was measured before counts no more.
 */
const JUDGED_FROM = 5_000;

/** ms after which a better rendition of which nothing has arrived is no longer insisted on. */
const ARRIVES = 4_000;
/** HTTP status of a rung that this computer is too busy for. */
const REFUSED = 503;
/** s that are no gap. */
const GAP = 0.1;
/** s of media that there are and that aren't loaded yet: then it is the line that is slow, and not the stream. */
const LINE_TO_BLAME = 0.4;
/** s of media ahead without which none of the line is spent on a trial. */
const AHEAD = 0.3;

/** ms between two attempts to recover the decoder in place; a second failure within is reported. */
const MEDIA_RECOVERY = 5_000;

/** A running hls.js. */
export class HlsEngine implements Engine {
  readonly adjustable_rate = true;
  readonly #url: string;
  readonly #events: EngineEvents;
  readonly #lowLatency: boolean;
  readonly #hls: Hls;
  readonly #bitrate = new BitrateEstimator();
  readonly #wayUp = new WayUp({ above: () => this.#above(), up: (id, speed) => this.#goUp(id, speed) });
  #judged: ReturnType<typeof setTimeout> | undefined;
  #arrives: ReturnType<typeof setTimeout> | undefined;
  /** The viewer has chosen a rendition. */
  #chosen = false;
  #recoveredAt = Number.NEGATIVE_INFINITY;
  #destroyed = false;

  constructor(url: string, events: EngineEvents, lowLatencyMode: boolean) {
    this.#url = url;
    this.#events = events;
    this.#lowLatency = lowLatencyMode;
    const { fragLoadPolicy, playlistLoadPolicy } = Hls.DefaultConfig;
    this.#hls = new Hls({
      ...{ ...CONFIG, lowLatencyMode },
      fragLoadPolicy: this.#unlessRefused(fragLoadPolicy),
      playlistLoadPolicy: this.#unlessRefused(playlistLoadPolicy),
    });
  }

  /** A rung that the host has no room for isn't asked for again at once: hls.js then goes to another rendition, whoever chose this one. */
  #unlessRefused({ default: policy }: LoadPolicy): LoadPolicy {
    if (policy.errorRetry === null) return { default: policy };
    const isRung = (url: string) => this.#hls.levels.slice(0, -1).some((level) => url.startsWith(stemOf(level)));
    const errorRetry: typeof policy.errorRetry = {
      ...policy.errorRetry,
      shouldRetry: (_config, _count, _timeout, response, retry) =>
        retry && !(response?.code === REFUSED && isRung(response.url)),
    };
    return { default: { ...policy, errorRetry } };
  }

  attach(video: HTMLVideoElement): void {
    this.#hls.on(Events.ERROR, (_event, data) => this.#failed(data));
    this.#hls.on(Events.FRAG_BUFFERED, (_event, { frag, part }) => {
      const { duration, stats } = part ?? frag;
      this.#bitrate.add(frag.type, duration, stats.loaded);
    });
    this.#hls.on(Events.MANIFEST_PARSED, (_event, { levels }) => {
      this.#hls.startLevel = levels.length - 1;
      this.#hls.config.minAutoBitrate = levels.at(-1)?.maxBitrate ?? 0;
    });
    this.#hls.once(Events.FRAG_BUFFERED, () => this.#judgeLater());
    let level = Number.POSITIVE_INFINITY;
    this.#hls.on(Events.LEVEL_SWITCHING, (_event, data) => {
      if (data.level < level) this.#wayUp.cameDown();
      else this.#hls.lowLatencyMode = this.#lowLatency;
      level = data.level;
    });
    this.#hls.loadSource(this.#url);
    this.#hls.attachMedia(video);
  }

  position(): EnginePosition {
    const details = this.#hls.latestLevelDetails;
    if (this.#destroyed || !details) return UNKNOWN_POSITION;
    // A live edge moves on between two updates of the playlist, but not for long: a playlist that is no longer updated
    // must not look like a stream that goes on.
    const age = details.live ? Math.min(details.age, details.targetduration * 2) : 0;
    return {
      live_edge: details.edge + age,
      target: details.live ? this.#hls.targetLatency : 0,
      oldest: details.fragmentStart,
      playing_date: this.#hls.playingDate?.getTime() ?? null,
      bitrate: this.#bitrate.value,
    };
  }

  qualities(): EngineQualities {
    const levels = this.#destroyed ? [] : this.#hls.levels;
    const playing = levels[this.#hls.loadLevel];
    return {
      choices: levels.map((level) => ({ id: idOf(level), height: level.height })).reverse(),
      playing: playing ? idOf(playing) : null,
    };
  }

  selectQuality(id: string | null): void {
    if (this.#destroyed) return;
    const level = this.#hls.levels.findIndex((each) => idOf(each) === id);
    this.#chosen = level >= 0;
    // What is loaded already plays out: a switch at once would need the same seconds again.
    this.#hls.loadLevel = level;
  }

  /** hls.js waits for half of what it loads before it judges it, and chooses by what it measured when the line was better. */
  starved(): void {
    const hls = this.#hls;
    const { media, levels, latestLevelDetails } = hls;
    if (this.#destroyed || !media || !latestLevelDetails || this.#chosen || hls.loadLevel <= 0) return;
    const end = endOfBuffer(media);
    const gone = latestLevelDetails.fragmentStart > end + GAP; // what comes next went with another host
    if (gone || latestLevelDetails.edge - end < LINE_TO_BLAME) return;
    // Asking for each part, and for the playlists in which it stands, takes a third of such a line. At the start it may be the machine.
    if (hls.config.minAutoBitrate === 0) hls.lowLatencyMode = false;
    this.#judge();
    hls.bandwidthEstimate = levels[0]?.bitrate ?? 0;
    hls.nextLevel = 0; // instead of what is under way
    hls.once(Events.FRAG_BUFFERED, () => {
      if (!this.#destroyed && !this.#chosen && hls.manualLevel === 0) hls.loadLevel = -1;
    });
  }

  /** What the line could be tried for. */
  #above(): Above | null {
    const { levels, loadLevel, media, manualLevel } = this.#hls;
    if (this.#destroyed || this.#chosen || manualLevel >= 0 || !media || loadLevel < 0) return null;
    const [best, ...others] = levels.slice(loadLevel + 1).reverse();
    const loaded = levels[loadLevel];
    // Of the same number in all renditions; what is whole of one is whole of the source.
    const urls = loaded?.details?.fragments.slice(-TRIED_SEGMENTS).map(({ url }) => url);
    if (!best || !loaded || !urls?.every((url) => url.startsWith(stemOf(loaded)))) return null;
    if (media.seeking || endOfBuffer(media) - media.currentTime < AHEAD) return null;
    const asked = (level: typeof best) => ({ id: idOf(level), bitrate: level.maxBitrate });
    return {
      better: [asked(best), ...others.map(asked)],
      segments: urls.map((url) => stemOf(best) + url.slice(stemOf(loaded).length)).reverse(),
    };
  }

  /** hls.js halves what it measured earlier by each few seconds of loading, of which a low rendition on a good line has few. */
  #goUp(id: string, speed: number): void {
    const hls = this.#hls;
    const index = hls.levels.findIndex((each) => idOf(each) === id);
    const level = hls.levels[index];
    if (!level) return;
    const stay = () => {
      clearTimeout(this.#arrives);
      hls.off(Events.FRAG_LOADED, loaded);
      if (this.#destroyed || this.#chosen || hls.manualLevel !== index) return;
      hls.loadLevel = -1;
    };
    const loaded = (_event: string, { frag }: FragLoadedData) => {
      if (frag.type !== "main" || frag.level !== index) return;
      hls.bandwidthEstimate = speed;
      hls.config.minAutoBitrate = level.maxBitrate;
      this.#judgeLater();
      stay();
    };
    hls.loadLevel = index;
    this.#arrives = setTimeout(stay, ARRIVES);
    hls.on(Events.FRAG_LOADED, loaded);
  }

  retry(): void {
    if (this.#destroyed) return;
    if (this.#hls.latestLevelDetails) this.#hls.startLoad(-1);
    else this.#hls.loadSource(this.#url);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    clearTimeout(this.#judged);
    clearTimeout(this.#arrives);
    this.#wayUp.close();
    this.#hls.destroy();
  }

  /** From now on hls.js may choose a rung. */
  #judge(): void {
    this.#hls.config.minAutoBitrate = 0;
  }

  #judgeLater(): void {
    clearTimeout(this.#judged);
    this.#judged = setTimeout(() => this.#judge(), JUDGED_FROM);
  }

  #failed(data: ErrorData): void {
    if (!data.fatal || this.#destroyed) return;
    if (CODEC.has(data.details)) {
      this.#events.onFailed({ kind: "codec", reason: data.details });
      return;
    }
    if (data.type === ErrorTypes.MEDIA_ERROR && performance.now() - this.#recoveredAt > MEDIA_RECOVERY) {
      this.#recoveredAt = performance.now();
      this.#hls.recoverMediaError();
      return;
    }
    const kind = data.type === ErrorTypes.NETWORK_ERROR ? "network" : "media";
    this.#events.onFailed({ kind, reason: data.details });
  }
}

/** hls.js has its levels in the order of their bitrates. */
const idOf = ({ url }: { readonly url: readonly string[] }) => url[0] ?? "";
/** What the addresses of a level's playlist, segments and parts begin with. */
const stemOf = (level: { readonly url: readonly string[] }) => idOf(level).replace(/\.m3u8$/, "");

/** s; how far the media reach, without a gap, from the picture that is shown. */
function endOfBuffer({ buffered, currentTime }: HTMLMediaElement): number {
  for (let range = 0; range < buffered.length; range++) {
    if (buffered.start(range) <= currentTime + GAP && buffered.end(range) > currentTime) return buffered.end(range);
  }
  return currentTime;
}
