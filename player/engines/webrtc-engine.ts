// The tab's own tracks over WebRTC, about a tenth of a second behind. Reconnects when the connection is lost, and reports
// the protocol unsupported where no connection comes about.
import { type Engine, type EngineEvents, type EngineFactory, type EnginePosition, UNKNOWN_POSITION } from "./engine.ts";
import { WebRtcConnection } from "./webrtc-connection.ts";
import { WebRtcStats } from "./webrtc-stats.ts";
import { WhepError } from "./whep-client.ts";

/** ms from the SDP answer to the first frame; without one the network doesn't let media through. */
const FIRST_FRAME_TIMEOUT = 3_000;
/** ms between two looks at the connection's stats. */
const STATS_INTERVAL = 500;
/** ms without media after which `retry` reconnects. */
const SILENCE = 2_000;
/** Connections in a row without a frame, after one that had some, until the protocol is given up. */
const MAX_ATTEMPTS = 2;

class WebRtcEngine implements Engine {
  readonly adjustable_rate = false;
  readonly #url: string;
  readonly #events: EngineEvents;
  readonly #steers: boolean;
  #video: HTMLVideoElement | null = null;
  #stats: WebRtcStats | null = null;
  #connection: WebRtcConnection | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #answeredAt: number | null = null;
  #frames = 0;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  #hadVideo = false;
  #failedAttempts = 0;
  #finished = false;

  constructor(url: string, events: EngineEvents, steers: boolean) {
    this.#url = url;
    this.#events = events;
    this.#steers = steers;
  }

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    this.#stats = new WebRtcStats(video);
    this.#timer = setInterval(() => void this.#check(), STATS_INTERVAL);
    addEventListener("pagehide", this.#leave);
    this.#connect();
  }

  position(): EnginePosition {
    const { latency = null, bitrate = null } = this.#stats ?? {};
    return { ...UNKNOWN_POSITION, latency, bitrate };
  }

  inputChannel(): RTCDataChannel | null {
    return this.#connection?.inputChannel() ?? null;
  }

  retry(): void {
    if (this.#finished || (this.#connection && performance.now() - this.#lastFrameAt < SILENCE)) return;
    this.#connect();
  }

  finish(): void {
    this.#finished = true;
  }

  destroy(): void {
    this.#finished = true;
    clearInterval(this.#timer);
    removeEventListener("pagehide", this.#leave);
    this.#disconnect();
    this.#stats?.close();
    if (this.#video) this.#video.srcObject = null;
    this.#video = null;
  }

  /** Tells the host that the page is going away. A page that returns from the back/forward cache is retried. */
  readonly #leave = (): void => this.#disconnect();

  #connect(): void {
    this.#disconnect();
    this.#stats?.reset();
    const events = {
      onAnswered: () => {
        this.#answeredAt = performance.now();
      },
      onLost: (reason: unknown) => this.#lost(reason),
    };
    const connection = new WebRtcConnection(this.#url, events, this.#steers);
    this.#connection = connection;
    if (this.#video) this.#video.srcObject = connection.stream;
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#answeredAt = null;
    this.#frames = 0;
  }

  async #check(): Promise<void> {
    const connection = this.#connection;
    const report = await connection?.stats().catch(() => null);
    if (!report || !connection || connection !== this.#connection || !this.#stats) return;
    this.#stats.update(report);
    const { frames } = this.#stats;
    if (frames > this.#frames) {
      this.#hadVideo = true;
      this.#failedAttempts = 0;
      this.#lastFrameAt = performance.now();
    } else if (
      frames === 0 &&
      this.#answeredAt !== null &&
      performance.now() - this.#answeredAt > FIRST_FRAME_TIMEOUT
    ) {
      connection.close();
      this.#lost(`no video within ${FIRST_FRAME_TIMEOUT} ms`);
    }
    this.#frames = frames;
  }

  #lost(reason: unknown): void {
    const hadFrames = this.#frames > 0;
    this.#disconnect();
    if (this.#finished) return;
    const text = reason instanceof Error ? reason.message : String(reason);
    const status = reason instanceof WhepError ? reason.status : undefined;
    // The stream has ended, or its host is just coming back: the player finds out which, and retries.
    if (status === 404) return;
    if (status === null) this.#events.onFailed({ kind: "network", reason: text });
    else if (status !== undefined) this.#events.onFailed({ kind: "unsupported", reason: text });
    else {
      if (!hadFrames) this.#failedAttempts += 1;
      const hopeless = this.#failedAttempts >= (this.#hadVideo ? MAX_ATTEMPTS : 1);
      this.#events.onFailed({ kind: hopeless ? "unsupported" : "network", reason: text });
    }
  }
}

/** WebRTC, signalled by WHEP. */
export const webRtcEngine: EngineFactory = {
  protocol: "webrtc",
  supported: () => typeof RTCPeerConnection === "function",
  urlOf: ({ whep }) => whep,
  create: (url, events, steers = false) => new WebRtcEngine(url, events, steers),
};
