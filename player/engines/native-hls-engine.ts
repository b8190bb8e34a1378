// HLS by the browser itself, where Media Source Extensions are missing (Safari on iPhone). The browser keeps the
// latency; this only reports.
import type { Engine, EngineEvents, EnginePosition, Way } from "./engine.ts";

/** Safari's extension of the video element: the wall-clock time of position 0. */
interface WithStartDate {
  getStartDate?(): Date;
}

/** The browser's own players keep about this far from the edge, s. */
const TYPICAL_TARGET = 3;

class NativeHlsEngine implements Engine {
  readonly keeps_target = false;
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
    video.src = this.#url;
  }

  position(): EnginePosition {
    const seekable = this.#video?.seekable;
    const known = seekable !== undefined && seekable.length > 0;
    const start = this.#video?.getStartDate?.().getTime() ?? Number.NaN;
    return {
      live_edge: known ? seekable.end(seekable.length - 1) : null,
      target: known ? TYPICAL_TARGET : null,
      oldest: known ? seekable.start(0) : null,
      playing_date: Number.isFinite(start) && this.#video ? start + this.#video.currentTime * 1000 : null,
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
    video.removeAttribute("src");
    video.load();
  }

  readonly #onError = (): void => {
    const error = this.#video?.error;
    const kind = error?.code === MediaError.MEDIA_ERR_DECODE ? "media" : "network";
    this.#events.onFailed({ kind, reason: error?.message || "the browser gave up" });
  };
}

/** HLS by the browser itself. */
export const nativeHlsWay: Way = {
  id: "native-hls",
  label: "HLS, by the browser",
  supported: () => document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "",
  address: ({ hls }) => hls,
  create: (url, events) => new NativeHlsEngine(url, events),
};
