// Measures a connection by WebRTC: the age of the picture, the bitrate, whether media come. Never changes anything.

/** What is read of a report's entry; its type in TypeScript's own library is open. */
interface Entry {
  readonly type: string;
  readonly kind?: string;
  readonly timestamp: number;
  readonly bytesReceived?: number;
  readonly framesReceived?: number;
}

/** ms for which a latency that was seen is worth showing. */
const FRESH = 2_000;
/** A difference beyond this is no latency but clocks that don't know each other, ms. */
const LARGEST = 60_000;

/** What is known of a connection now. */
export interface WebRtcFigures {
  /**
   * ms from the capture of the picture in the streaming browser to its showing here: encoder, line, buffer, decoder
   * and display. The browser works it out from the sender's RTCP reports. `null`: not known, or not by this browser.
   */
  readonly latency: number | null;
  /** bit/s, sound included. */
  readonly bitrate: number | null;
  /** Frames that have arrived. */
  readonly frames: number;
}

/** Looks at one connection. */
export class WebRtcMeter {
  readonly #video: HTMLVideoElement;
  #callback = 0;
  #latency: number | null = null;
  #seenAt = 0;
  #bitrate: number | null = null;
  #frames = 0;
  #last: { at: number; bytes: number } | null = null;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#next();
  }

  /** Everything as of now. */
  get figures(): WebRtcFigures {
    const fresh = performance.now() - this.#seenAt < FRESH;
    return {
      latency: fresh ? this.#latency : null,
      bitrate: this.#bitrate,
      frames: this.#frames,
    };
  }

  /** Takes in what the connection says of itself. */
  take(report: RTCStatsReport): void {
    let [bytes, at] = [0, 0];
    report.forEach((entry: Entry) => {
      if (entry.type !== "inbound-rtp") return;
      bytes += entry.bytesReceived ?? 0;
      at = entry.timestamp;
      if (entry.kind !== "video") return;
      this.#frames = entry.framesReceived ?? 0;
    });
    const last = this.#last;
    if (last && at > last.at && bytes >= last.bytes) this.#bitrate = ((bytes - last.bytes) * 8000) / (at - last.at);
    this.#last = { at, bytes };
  }

  /** Forgets what belongs to the connection before. */
  reset(): void {
    this.#latency = null;
    this.#bitrate = null;
    this.#frames = 0;
    this.#last = null;
  }

  /** Looks no more. */
  close(): void {
    this.#video.cancelVideoFrameCallback?.(this.#callback);
  }

  #next(): void {
    if (!this.#video.requestVideoFrameCallback) return;
    this.#callback = this.#video.requestVideoFrameCallback((_now, { captureTime, expectedDisplayTime }) => {
      this.#next();
      if (captureTime === undefined) return;
      const latency = expectedDisplayTime - captureTime;
      if (latency <= 0 || latency > LARGEST) return;
      this.#latency = latency;
      this.#seenAt = performance.now();
    });
  }
}
