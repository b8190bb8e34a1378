// Counts and measures one stream, from when it was made: what came out of FFmpeg, what was lost, what was repaired. A figure that
// can't be known is null.
import type { RecoveryMetrics, StreamInfo, StreamMetrics } from "../../protocol/results.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import type { MediaUnit } from "../media/unit.ts";
import { RateMeter } from "./rate-meter.ts";
import { SilenceDetector } from "./silence-detector.ts";

/** What the stream itself knows at the moment of a reading. */
export interface MetricsContext {
  /** Percent of the queue towards FFmpeg that is free; `null`: no run is open. */
  readonly buffer_health: number | null;
  /** Bytes that came for no open run. */
  readonly ignored_bytes: number;
  /** What its destinations have lost and repaired. */
  readonly destinations: {
    readonly dropped_frames: number;
    readonly rtmp_reconnects: number;
    readonly recovered_at: number;
  };
}

/** What was measured. */
export interface Measurements {
  readonly metrics: StreamMetrics;
  readonly recovery_metrics: RecoveryMetrics;
  /** ms since the last media, and since the last video; or since the stream was opened. */
  readonly silence: number;
  readonly video_silence: number;
  /** The audio is digital silence. */
  readonly silent_audio: boolean;
  /** Frames a second that the browser's encoder was given over the last seconds; `null`: not known. */
  readonly captured_fps: number | null;
  /** ms for which the tab has shown something else than what viewers see. */
  readonly unseen: number;
}

/** The metrics of one stream, or of one publication of it. */
export class MetricsCollector {
  readonly #clock: Pick<StreamClock, "now" | "wall">;
  readonly #openedAt: number;
  readonly #rates = new RateMeter();
  readonly #captured = new RateMeter();
  #framesCaptured = 0;
  #unseen = 0;
  readonly #silence = new SilenceDetector();
  #frames = 0;
  /** Those of the runs before. */
  #framesBefore = 0;
  #bytes = 0;
  #droppedFrames = 0;
  #ffmpegRestarts = 0;
  #captureRestarts: number;
  readonly #before: Pick<StreamInfo, "metrics" | "recovery_metrics"> | null;
  #lastRecovery = 0;

  /**
   * `hostDeaths`: how often the stream has moved to a new host; each time its capture began a fresh run. `before`: what the last
   * host told of it, from which everything is counted on.
   */
  constructor(
    clock: Pick<StreamClock, "now" | "wall">,
    hostDeaths = 0,
    before: Pick<StreamInfo, "metrics" | "recovery_metrics"> | null = null,
  ) {
    this.#clock = clock;
    this.#before = before;
    this.#captureRestarts = before ? before.recovery_metrics.capture_restarts + 1 : hostDeaths;
    this.#openedAt = clock.now;
  }

  /** Video has come since the capture last began a run. */
  get moves(): boolean {
    return this.#frames > this.#framesBefore;
  }

  /** A run begins. */
  openRun(): void {
    this.#silence.openRun();
  }

  /** The next unit of the source. */
  write(unit: MediaUnit): void {
    if (unit.kind === "video") this.#frames += unit.frames;
    this.#bytes += unit.bytes.length;
    this.#rates.sample(this.#clock.now, this.#frames, this.#bytes);
    this.#silence.write(unit);
  }

  /** The browser's encoder was given so many more frames; for so many ms the tab has shown something else. */
  framesCaptured(frames: number, unseen = 0): void {
    this.#unseen = unseen;
    this.#framesCaptured += frames;
    this.#captured.sample(this.#clock.now, this.#framesCaptured, this.#framesCaptured);
  }

  framesDropped(frames: number): void {
    this.#droppedFrames += frames;
  }

  ffmpegRestarted(): void {
    this.#ffmpegRestarts += 1;
  }

  /** The capture begins a run; `unasked`: by itself, though one went on. */
  captureBegins(unasked: boolean): void {
    if (unasked) this.#captureRestarts += 1;
    this.captureResumes();
  }

  /** Video that comes from now on is of a capture that runs again. */
  captureResumes(): void {
    this.#framesBefore = this.#frames;
  }

  recovered(): void {
    this.#lastRecovery = this.#clock.now;
  }

  /** ms since the last media, or since the stream was opened. */
  silence(): number {
    return this.#clock.now - (this.#rates.last_arrival ?? this.#openedAt);
  }

  /** Everything as of now. */
  read({ buffer_health, ignored_bytes, destinations }: MetricsContext): Measurements {
    const { now } = this.#clock;
    const date = (at: number) => new Date(this.#clock.wall(at)).toISOString();
    const { metrics: before, recovery_metrics: repaired } = this.#before ?? {};
    const [frames, bytes] = [this.#frames, this.#bytes];
    const last = this.#rates.last_arrival;
    // Ignored bytes are of frames whose number nobody counted: the mean size of those that came tells it.
    const ignored = frames > 0 ? Math.round((ignored_bytes * frames) / bytes) : 0;
    const recovered = Math.max(this.#lastRecovery, destinations.recovered_at);
    return {
      metrics: {
        frames_sent: frames + (before?.frames_sent ?? 0),
        bytes_sent: bytes + (before?.bytes_sent ?? 0),
        dropped_frames: (before?.dropped_frames ?? 0) + this.#droppedFrames + ignored + destinations.dropped_frames,
        current_bitrate: this.#rates.bitrate(now),
        average_bitrate: this.#rates.average_bitrate(now),
        current_fps: this.#rates.fps(now),
        buffer_health,
        last_update: last === null ? (before?.last_update ?? null) : date(last),
      },
      recovery_metrics: {
        ffmpeg_restarts: this.#ffmpegRestarts + (repaired?.ffmpeg_restarts ?? 0),
        capture_restarts: this.#captureRestarts,
        rtmp_reconnects: destinations.rtmp_reconnects + (repaired?.rtmp_reconnects ?? 0),
        last_recovery_time: recovered === 0 ? (repaired?.last_recovery_time ?? null) : date(recovered),
      },
      silence: this.silence(),
      video_silence: now - (this.#rates.last_frame ?? this.#openedAt),
      silent_audio: this.#silence.silent,
      captured_fps: this.#captured.fps(now),
      unseen: this.#unseen,
    };
  }
}
