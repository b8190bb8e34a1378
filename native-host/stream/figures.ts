// Counts and measures one stream, from when it was made: what came out of the feed, what was lost, what was repaired. Never
// changes the stream; a figure that can't be known is null.
import type { RecoveryMetrics } from "../../protocol/results.ts";
import type { FragmentHeader } from "../media/fragment.ts";
import type { TrackKind } from "../media/track-kind.ts";
import { type HealthSignals, judgeHealth } from "./health.ts";
import type { MediaFeed, MediaReader } from "./media-feed.ts";
import { Meter } from "./meter.ts";
import type { OutputReport } from "./output.ts";
import type { StreamFigures } from "./report.ts";
import { SoundWatch } from "./sound-watch.ts";

/** What the stream itself knows at the moment of a reading. */
export interface Reading
  extends Pick<HealthSignals, "state" | "trouble" | "buffer_health" | "frame_rate" | "cap_broken"> {
  /** `null`: it has no output to somewhere else. */
  readonly output: OutputReport | null;
  /** Bytes that came for no open run. */
  readonly ignored_bytes: number;
}

/** The figures of one stream. All times in epoch ms. */
export class Figures implements MediaReader {
  readonly #leave: () => void;
  readonly #viewerCount: () => number;
  readonly #openedAt: number;
  readonly #meter = new Meter();
  readonly #sound = new SoundWatch();
  #frames = 0;
  /** Those of the runs before. */
  #framesBefore = 0;
  #bytes = 0;
  #droppedFrames = 0;
  #ffmpegRestarts = 0;
  #captureRestarts: number;
  #lastRecovery: number | null = null;

  /** `hostDeaths`: how often the stream has moved to a new host; each time its capture began a fresh run. */
  constructor(feed: MediaFeed, viewerCount: () => number, now: number, hostDeaths = 0) {
    this.#captureRestarts = hostDeaths;
    this.#viewerCount = viewerCount;
    this.#openedAt = now;
    this.#leave = feed.add(this);
  }

  /** A picture has come since the capture last began a run. */
  get moves(): boolean {
    return this.#frames > this.#framesBefore;
  }

  openRun(): void {
    this.#sound.openRun();
  }

  write(kind: TrackKind, fragment: Uint8Array, header: FragmentHeader): void {
    if (kind === "video") this.#frames += header.frames;
    this.#bytes += fragment.length;
    this.#meter.sample(Date.now(), this.#frames, this.#bytes);
    this.#sound.write(kind, fragment, header);
  }

  /** Counts no more; what was counted stays. */
  close(): void {
    this.#leave();
  }

  framesDropped(frames: number): void {
    this.#droppedFrames += frames;
  }

  ffmpegRestarted(): void {
    this.#ffmpegRestarts += 1;
  }

  /** The capture begins a run; `again`: by itself, though one went on. */
  captureBegins(again: boolean): void {
    if (again) this.#captureRestarts += 1;
    this.#framesBefore = this.#frames;
  }

  recovered(now: number): void {
    this.#lastRecovery = now;
  }

  /** ms since the last media, or since the stream was opened. */
  silence(now: number): number {
    return now - (this.#meter.last_arrival ?? this.#openedAt);
  }

  /** Everything as of now. */
  read(now: number, reading: Reading): StreamFigures {
    const [frames, bytes] = [this.#frames, this.#bytes];
    const last = this.#meter.last_arrival;
    // Ignored bytes are of frames whose number nobody counted: the mean size of those that came tells it.
    const ignored = frames > 0 ? Math.round((reading.ignored_bytes * frames) / bytes) : 0;
    const { output } = reading;
    const current_fps = this.#meter.fps(now);
    const health = judgeHealth({
      ...reading,
      silence: this.silence(now),
      picture_silence: now - (this.#meter.last_frame ?? this.#openedAt),
      current_fps,
      silent_sound: this.#sound.silent,
      output_trouble: output?.trouble ?? null,
    });
    return {
      ...health,
      viewer_count: this.#viewerCount(),
      metrics: {
        frames_sent: frames,
        bytes_sent: bytes,
        dropped_frames: this.#droppedFrames + ignored + (output?.dropped_frames ?? 0),
        current_bitrate: this.#meter.bitrate(now),
        average_bitrate: this.#meter.average_bitrate(now),
        current_fps,
        buffer_health: reading.buffer_health,
        last_update: last === null ? null : new Date(last).toISOString(),
      },
      recovery_metrics: this.#recoveryMetrics(output),
    };
  }

  #recoveryMetrics(output: OutputReport | null): RecoveryMetrics {
    const last = Math.max(this.#lastRecovery ?? 0, output?.recovered_at ?? 0);
    return {
      ffmpeg_restarts: this.#ffmpegRestarts,
      capture_restarts: this.#captureRestarts,
      rtmp_reconnects: output?.reconnects ?? 0,
      last_recovery_time: last === 0 ? null : new Date(last).toISOString(),
    };
  }
}
