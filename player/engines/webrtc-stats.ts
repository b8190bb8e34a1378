// What a WebRTC connection says of itself: latency, bitrate, received frames.

/** What is read of a stats entry; the type in TypeScript's own library is open. */
interface StatsEntry {
  readonly type: string;
  readonly kind?: string;
  readonly timestamp: number;
  readonly bytesReceived?: number;
  readonly framesReceived?: number;
  readonly framesDecoded?: number;
}

/** ms for which a measured latency is shown. */
const FRESH = 2_000;
/** ms; a larger difference isn't latency but clocks that were never synchronised. */
const LARGEST = 60_000;

/** Measures one video element and, one after another, the connections that feed it. */
export class WebRtcStats {
  readonly #video: HTMLVideoElement;
  #callback = 0;
  #latency: number | null = null;
  #measuredAt = 0;
  #bitrate: number | null = null;
  #frames = 0;
  #last: { at: number; bytes: number } | null = null;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#measureNextFrame();
  }

  /**
   * ms from capture in the streaming browser to display here: encoder, network, jitter buffer, decoder. The browser computes
   * it from the sender's RTCP reports. `null`: not known, or not supported by this browser.
   */
  get latency(): number | null {
    return performance.now() - this.#measuredAt < FRESH ? this.#latency : null;
  }

  /** bit/s, audio included. */
  get bitrate(): number | null {
    return this.#bitrate;
  }

  /** Frames received on the current connection, and decoded, where the browser tells. */
  get frames(): number {
    return this.#frames;
  }

  /** Takes a report of the connection in. */
  update(report: RTCStatsReport): void {
    let [bytes, at] = [0, 0];
    report.forEach((entry: StatsEntry) => {
      if (entry.type !== "inbound-rtp") return;
      bytes += entry.bytesReceived ?? 0;
      at = entry.timestamp;
      if (entry.kind === "video") this.#frames = entry.framesDecoded ?? entry.framesReceived ?? 0;
    });
    const last = this.#last;
    if (last && at > last.at && bytes >= last.bytes) this.#bitrate = ((bytes - last.bytes) * 8000) / (at - last.at);
    this.#last = { at, bytes };
  }

  /** Begins anew for another connection. */
  reset(): void {
    this.#latency = null;
    this.#bitrate = null;
    this.#frames = 0;
    this.#last = null;
  }

  /** Stops measuring. */
  close(): void {
    this.#video.cancelVideoFrameCallback?.(this.#callback);
  }

  #measureNextFrame(): void {
    if (!this.#video.requestVideoFrameCallback) return;
    this.#callback = this.#video.requestVideoFrameCallback((_now, { captureTime, expectedDisplayTime }) => {
      this.#measureNextFrame();
      if (captureTime === undefined) return;
      const latency = expectedDisplayTime - captureTime;
      if (latency <= 0 || latency > LARGEST) return;
      this.#latency = latency;
      this.#measuredAt = performance.now();
    });
  }
}
