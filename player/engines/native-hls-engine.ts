// HLS played by the browser itself, where Media Source Extensions are missing (Safari on iPhone). The browser controls
// the latency; this only reports it.
import { type Engine, type EngineEvents, type EngineFactory, type EnginePosition, UNKNOWN_POSITION } from "./engine.ts";

/** Safari's extension of the video element: the wall-clock time of position 0. */
interface WithStartDate {
  getStartDate?(): Date;
}

/** s; browsers stay about this far behind the live edge. */
const TYPICAL_TARGET = 3;

/** ms within which the host must say whether there is a playlist. */
const RESPONSE_TIMEOUT = 5_000;

class NativeHlsEngine implements Engine {
  readonly adjustable_rate = false;
  readonly #url: string;
  readonly #events: EngineEvents;
  #video: (HTMLVideoElement & WithStartDate) | null = null;

  constructor(url: string, events: EngineEvents) {
    this.#url = url;
    this.#events = events;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    video.addEventListener("error", this.#onError);
    video.disableRemotePlayback = false; // another device can fetch this address
    video.src = this.#url;
  }

  position(): EnginePosition {
    const video = this.#video;
    if (!video) return UNKNOWN_POSITION;
    const { seekable, currentTime } = video;
    const known = seekable.length > 0;
    const start = video.getStartDate?.().getTime() ?? Number.NaN;
    return {
      live_edge: known ? seekable.end(seekable.length - 1) : null,
      target: known ? TYPICAL_TARGET : null,
      oldest: known ? seekable.start(0) : null,
      playing_date: Number.isFinite(start) ? start + currentTime * 1000 : null,
      bitrate: null,
    };
  }

  retry(): void {
    this.#video?.load();
  }

  destroy(): void {
    const video = this.#video;
    if (!video) return;
    this.#video = null;
    video.removeEventListener("error", this.#onError);
    video.disableRemotePlayback = true; // ManagedMediaSource opens only with it
    video.removeAttribute("src");
    video.load();
  }

  readonly #onError = async (): Promise<void> => {
    const { code, message } = this.#video?.error ?? {};
    // A playlist that can't be loaded gives the same error as media that can't be decoded.
    const refused = code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED && (await isServed(this.#url));
    const kind = refused ? "codec" : code === MediaError.MEDIA_ERR_DECODE ? "media" : "network";
    if (this.#video) this.#events.onFailed({ kind, reason: message || "the browser stopped playback" });
  };
}

async function isServed(url: string): Promise<boolean> {
  const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(RESPONSE_TIMEOUT) }).catch(
    () => null,
  );
  return response?.ok === true;
}

/** HLS played by the browser itself. */
export const nativeHlsEngine: EngineFactory = {
  protocol: "native-hls",
  supported: () => document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "",
  urlOf: ({ hls }) => hls,
  create: (url, events) => new NativeHlsEngine(url, events),
};
