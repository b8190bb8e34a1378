// A sink: whoever reads a stream's media (packager, destinations, recording). What it has to offer, and what is known of it.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { InitSegment } from "./init-segment.ts";
import type { MediaUnit } from "./unit.ts";

/** A run, as a sink is told of it: its init segments, those of the source first, the video's in front of the audio's. */
export interface MediaRun {
  readonly run: number;
  readonly inits: readonly InitSegment[];
}

/** The init segment of the source's video or audio in a run; `undefined`: it has none. */
export function sourceInit({ inits }: MediaRun, type: "video" | "audio"): InitSegment | undefined {
  return inits.find(({ rendition }) => rendition.type === type);
}

/**
 * One who reads media. A promise that a method gives says that it is busy: what comes meanwhile waits in the sink's queue. A sink
 * that throws or rejects is detached, and given the stream anew after a pause, beginning with `openRun`.
 */
export interface MediaSink {
  /** For logs and health, e.g. `packager`. */
  readonly name: string;
  /** What it has left out itself, for readers of its own that were too slow; left out: it has none. */
  readonly left_out?: { readonly units: number; readonly frames: number };
  /** A run begins; its first unit is a keyframe, for a sink that comes in the middle nearly always. */
  openRun(run: MediaRun): void | Promise<void>;
  /** The next unit of a rendition. */
  write(unit: MediaUnit): void | Promise<void>;
  /** The run is complete. */
  closeRun?(): void | Promise<void>;
  /** The stream has ended: nothing more comes. */
  end?(): void | Promise<void>;
}

/** How a sink is to be treated. */
export interface SinkOptions {
  /** What may wait while it is busy; above that video is left out up to a keyframe, and counted. */
  readonly limits?: { readonly bytes: number; readonly span: number };
  /**
   * Which renditions it gets: those of the source alone (the default), or all that segments are made of; `live`: of the source, its sound as
   * the browser encoded it where there is that.
   */
  readonly renditions?: "source" | "all" | "live";
  /** ms before it is given the stream anew after it failed, the first time; doubles with each failure in a row. */
  readonly restart_after?: number;
}

/** How a sink is doing. */
export interface SinkReport {
  readonly name: string;
  /** It has failed, and is given the stream anew after a pause. */
  readonly detached: boolean;
  /** Bytes that wait for it. */
  readonly queued_bytes: number;
  /** Units that were left out because it, or a reader of its own, was too slow, and the video frames in them. */
  readonly dropped_units: number;
  readonly dropped_frames: number;
  /** How often it has failed. */
  readonly failures: number;
  /** Why it failed the last time; `null`: it never did. */
  readonly error: FlyBrowserError | null;
}
