// The tab's own tracks by WebRTC, a tenth of a second behind. Connects again when the connection is lost; gives up
// where it never comes about, so that another way is taken. The browser keeps the speed.
import type { Engine, EngineEvents, EnginePosition, Way } from "./engine.ts";
import { WebRtcConnection } from "./webrtc-connection.ts";
import { WebRtcMeter } from "./webrtc-meter.ts";
import { WhepRefusal } from "./whep-client.ts";

/** ms from the answer to the first picture; without one the line doesn't carry it. */
const FIRST_PICTURE = 3_000;
/** ms between two looks at the connection. */
const LOOK = 500;
/** ms without media after which `retry` connects again. */
const SILENT = 2_000;
/** Attempts without a picture, after one had come, before this way is given up. */
const MAX_FRUITLESS = 2;

class WebRtcEngine implements Engine {
  readonly keeps_target = false;
  readonly #url: string;
  readonly #events: EngineEvents;
  #video: HTMLVideoElement | null = null;
  #meter: WebRtcMeter | null = null;
  #connection: WebRtcConnection | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #answeredAt: number | null = null;
  #frames = 0;
  #arrivedAt = Number.NEGATIVE_INFINITY;
  #hadPicture = false;
  #fruitless = 0;
  #over = false;

  constructor(url: string, events: EngineEvents) {
    this.#url = url;
    this.#events = events;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    this.#meter = new WebRtcMeter(video);
    this.#timer = setInterval(() => void this.#look(), LOOK);
    addEventListener("pagehide", this.#leave);
    this.#connect();
  }

  position(): EnginePosition {
    const figures = this.#meter?.figures;
    return {
      live_edge: null,
      target: null,
      oldest: null,
      playing_date: null,
      latency: figures?.latency ?? null,
      bitrate: figures?.bitrate ?? null,
    };
  }

  retry(): void {
    if (this.#over || (this.#connection && performance.now() - this.#arrivedAt < SILENT)) return;
    this.#connect();
  }

  finish(): void {
    this.#over = true;
  }

  destroy(): void {
    this.#over = true;
    clearInterval(this.#timer);
    removeEventListener("pagehide", this.#leave);
    this.#disconnect();
    this.#meter?.close();
    if (this.#video) this.#video.srcObject = null;
    this.#video = null;
  }

  /** The page goes away: the host needn't wait to notice. A page that comes back from the browser's cache asks again. */
  readonly #leave = (): void => this.#disconnect();

  #connect(): void {
    this.#disconnect();
    this.#meter?.reset();
    const connection = new WebRtcConnection(this.#url, {
      onAnswered: () => {
        this.#answeredAt = performance.now();
      },
      onLost: (reason) => this.#lost(reason),
    });
    this.#connection = connection;
    if (this.#video) this.#video.srcObject = connection.stream;
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#answeredAt = null;
    this.#frames = 0;
  }

  async #look(): Promise<void> {
    const connection = this.#connection;
    const report = await connection?.stats().catch(() => null);
    if (!report || !connection || connection !== this.#connection || !this.#meter) return;
    this.#meter.take(report);
    const { frames } = this.#meter.figures;
    if (frames > this.#frames) {
      this.#hadPicture = true;
      this.#fruitless = 0;
      this.#arrivedAt = performance.now();
    } else if (frames === 0 && this.#answeredAt !== null && performance.now() - this.#answeredAt > FIRST_PICTURE) {
      connection.close();
      this.#lost(`no picture within ${FIRST_PICTURE} ms`);
    }
    this.#frames = frames;
  }

  #lost(reason: unknown): void {
    const noPicture = this.#frames === 0;
    this.#disconnect();
    if (this.#over) return;
    const text = reason instanceof Error ? reason.message : String(reason);
    const status = reason instanceof WhepRefusal ? reason.status : undefined;
    // The stream has ended, or its host is just coming back: the player learns which, and asks again.
    if (status === 404) return;
    if (status === null) this.#events.onFailed({ kind: "network", reason: text });
    else if (status !== undefined) this.#events.onFailed({ kind: "unsupported", reason: text });
    else {
      if (noPicture) this.#fruitless += 1;
      const hopeless = this.#fruitless >= (this.#hadPicture ? MAX_FRUITLESS : 1);
      this.#events.onFailed({ kind: hopeless ? "unsupported" : "network", reason: text });
    }
  }
}

/** WebRTC, signalled by WHEP. */
export const webRtcWay: Way = {
  id: "webrtc",
  label: "WebRTC, real time",
  supported: () => typeof RTCPeerConnection === "function",
  address: ({ whep }) => whep,
  create: (url, events) => new WebRtcEngine(url, events),
};
