// Playback statistics: latency by the host's clock, frame rate, dropped frames, buffer, as measured at the video element.
import type { EnginePosition } from "./engines/engine.ts";
import { type ClockSample, HostClock } from "./host-clock.ts";

/** What a viewer is shown; `null` where a value isn't known. */
export interface PlaybackStats {
  /** ms from capture to display. */
  readonly latency: number | null;
  /** The latency of each second of the last minute, ms, the newest last; `null` where nothing played. */
  readonly latencies: readonly (number | null)[];
  /** Target latency, s behind the live edge. */
  readonly target: number | null;
  /** px */
  readonly width: number | null;
  readonly height: number | null;
  /** fps */
  readonly frame_rate: number | null;
  /** bit/s */
  readonly bitrate: number | null;
  /** Since the page was opened. */
  readonly dropped_frames: number | null;
  /** s of media ahead of the playback position. */
  readonly buffered: number | null;
  /** Playback rate; 1 is normal speed. */
  readonly rate: number;
}

/** What one look at the video element found. */
export interface VideoSample {
  /** Whether a new frame was shown since the last look. */
  readonly advanced: boolean;
  /** fps over the last seconds; `null`: not measured yet. */
  readonly frame_rate: number | null;
  /** Since the page was opened; `null`: the browser doesn't say. */
  readonly dropped_frames: number | null;
  /** s of media ahead of the playback position. */
  readonly buffered: number;
}

/** ms over which frames are counted. */
const WINDOW = 3_000;
/** Latencies of which the median is shown, so that one late look doesn't make the display jump. */
const LATENCIES = 5;
/** ms between two latencies of the graph, and how many are kept. */
const HISTORY_STEP = 1_000;
const HISTORY = 60;

/** Measures one video element. */
export class StatsCollector {
  readonly #video: HTMLVideoElement;
  readonly #clock = new HostClock();
  #sample: VideoSample = { advanced: false, frame_rate: null, dropped_frames: null, buffered: 0 };
  #latencies: number[] = [];
  #history: (number | null)[] = [];
  #historyAt = Number.NEGATIVE_INFINITY;
  #counts: { at: number; shown: number }[] = [];
  /** Frames that the browser has presented, where it tells of each. */
  #presented = 0;
  #callback = 0;
  #frames = 0;
  #time = 0;
  #dropped = 0;
  #droppedBefore = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#countFrames();
  }

  /** Stops measuring. */
  close(): void {
    this.#video.cancelVideoFrameCallback?.(this.#callback);
  }

  /** Takes in the host's time. */
  setClock(sample: ClockSample): void {
    this.#clock.add(sample);
  }

  /** The host's time, ms since 1970, when this machine's clock shows `now`. */
  hostTime(now: number): number {
    return this.#clock.at(now);
  }

  /** Looks at the video element; several times a second. `now` in ms, `hidden`: the browser may skip frames nobody sees. */
  sample(now: number, hidden: boolean): VideoSample {
    const video = this.#video;
    const quality = video.getVideoPlaybackQuality?.();
    const moved = video.currentTime !== this.#time;
    // Firefox counts no frames of a MediaStream (seen in 153): there it is what was presented.
    const frames = quality?.totalVideoFrames || this.#presented;
    const uncounted = frames === 0 && video.videoWidth > 0 && !video.requestVideoFrameCallback;
    const advanced = moved && (hidden || uncounted || frames !== this.#frames);
    // The counts start at zero with each engine.
    if (frames < this.#frames) {
      this.#counts = [];
      this.#droppedBefore += this.#dropped;
    }
    this.#dropped = quality?.droppedVideoFrames ?? 0;
    this.#frames = frames;
    this.#time = video.currentTime;
    this.#sample = {
      advanced,
      frame_rate: frames > 0 && !hidden ? this.#frameRate(now, frames - this.#dropped) : null,
      dropped_frames: quality?.totalVideoFrames ? this.#droppedBefore + this.#dropped : null,
      buffered: bufferedAhead(video),
    };
    return this.#sample;
  }

  /** Measures the latency of the frame shown at `now`, ms; `null` while playback stands still, which says nothing of latency. */
  sampleLatency(position: EnginePosition | null, now: number): void {
    const latency = position && (position.latency ?? latencyOf(position.playing_date, this.hostTime(now)));
    this.#latencies = latency === null ? [] : [...this.#latencies, latency].slice(-LATENCIES);
    if (now - this.#historyAt < HISTORY_STEP) return;
    this.#historyAt = now;
    this.#history = [...this.#history, this.#latency].slice(-HISTORY);
  }

  get #latency(): number | null {
    return this.#latencies.toSorted((a, b) => a - b)[Math.floor(this.#latencies.length / 2)] ?? null;
  }

  /** The statistics now. `started`: an engine is running. */
  stats(
    { target, bitrate }: EnginePosition,
    { paused, started }: { paused: boolean; started: boolean },
  ): PlaybackStats {
    const { videoWidth, videoHeight, playbackRate } = this.#video;
    const { frame_rate, dropped_frames, buffered } = this.#sample;
    return {
      latency: this.#latency,
      latencies: this.#history,
      target,
      width: videoWidth || null,
      height: videoHeight || null,
      frame_rate: paused ? null : frame_rate,
      bitrate,
      dropped_frames,
      buffered: started ? buffered : null,
      rate: playbackRate,
    };
  }

  #countFrames(): void {
    if (!this.#video.requestVideoFrameCallback) return;
    this.#callback = this.#video.requestVideoFrameCallback(() => {
      this.#presented += 1;
      this.#countFrames();
    });
  }

  #frameRate(now: number, shown: number): number | null {
    this.#counts = [...this.#counts.filter(({ at }) => now - at <= WINDOW), { at: now, shown }];
    const first = this.#counts[0];
    if (!first || now - first.at < 1_000) return null;
    return (shown - first.shown) / ((now - first.at) / 1000);
  }
}

/** ms from capture to display; `null`: the media carry no time. */
function latencyOf(playing_date: number | null, host_now: number): number | null {
  if (playing_date === null || !Number.isFinite(playing_date)) return null;
  const latency = host_now - playing_date;
  // A frame from the future, or of another day, only shows that the clocks disagree.
  return latency < 0 || latency > 86_400_000 ? null : latency;
}

function bufferedAhead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) > currentTime) return buffered.end(i) - currentTime;
  }
  return 0;
}
