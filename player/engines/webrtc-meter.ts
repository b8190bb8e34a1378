// Measures a connection by WebRTC: the age of the picture, the bitrate, whether media come. Never changes anything.

/** Chrome's older and newer figures that the standard's types don't hold yet. */
interface InboundVideo {
  readonly type: string;
  readonly kind?: string;
  readonly timestamp: number;
  readonly bytesReceived?: number;
  readonly framesReceived?: number;
  /** When the frame that is played now was made: ms since 1900 by the sender's clock, which is the host's. */
  readonly estimatedPlayoutTimestamp?: number;
}

/** ms from 1900, where NTP begins, to 1970. */
const NTP_EPOCH = 2_208_988_800_000;
/** ms for which a latency that was seen is worth showing. */
const FRESH = 2_000;
/** A difference beyond this is no latency but clocks that don't know each other, ms. */
const LARGEST = 60_000;

/** What is known of a connection now. */
export interface WebRtcFigures {
  /**
   * ms from the capture of the picture in the streaming browser to its showing here: encoder, line, buffer, decoder
   * and display. The browser works it out from the sender's RTCP reports. `null`: not known yet.
   */
  readonly latency: number | null;
  /** When the picture shown now was made, ms since 1970 by the sender's clock; `null`: the browser doesn't say. */
  readonly playing_date: number | null;
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
  #playing: number | null = null;
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
      playing_date: this.#playing,
      bitrate: this.#bitrate,
      frames: this.#frames,
    };
  }

  /** Takes in what the connection says of itself. */
  take(report: RTCStatsReport): void {
    let [bytes, at] = [0, 0];
    this.#playing = null;
    report.forEach((entry: InboundVideo) => {
      if (entry.type !== "inbound-rtp") return;
      bytes += entry.bytesReceived ?? 0;
      at = entry.timestamp;
      if (entry.kind !== "video") return;
      this.#frames = entry.framesReceived ?? 0;
      if (entry.estimatedPlayoutTimestamp) this.#playing = entry.estimatedPlayoutTimestamp - NTP_EPOCH;
    });
    const last = this.#last;
    if (last && at > last.at && bytes >= last.bytes) this.#bitrate = ((bytes - last.bytes) * 8000) / (at - last.at);
    this.#last = { at, bytes };
  }

  /** Forgets what belongs to the connection before. */
  reset(): void {
    this.#latency = null;
    this.#playing = null;
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
