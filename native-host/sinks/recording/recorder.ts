// The sink that writes a stream's media down as they come. A new piece (a file for the video, one for the audio) begins whenever
// the init segments change; finish.ts makes one file of them.
import type { InitSegment } from "../../media/init-segment.ts";
import type { MediaRun, MediaSink, SinkOptions } from "../../media/sink.ts";
import type { MediaUnit } from "../../media/unit.ts";
import { MediaFiles, type MediaFilesOptions, mediaFileName } from "./media-files.ts";

/** What may wait for the disk: 5 s at the highest profile. Only the bytes count, since nobody waits for what is late here. */
export const RECORDER_SINK: SinkOptions = {
  limits: { bytes: 32 * 1024 * 1024, span: Number.POSITIVE_INFINITY },
};

/** What a {@link Recorder} needs. */
export interface RecorderOptions extends MediaFilesOptions {
  /** The stream has ended, and its media are written. */
  readonly onEnd: () => void;
  /** What a host before this one has recorded into the folder; left out: nothing. */
  readonly before?: { readonly pieces: number; readonly bytes: number; readonly first_media_time: number | null };
}

/** What was recorded so far. */
export interface Recorded {
  /** Seconds from the first frame to the end of the last one. */
  readonly duration_seconds: number;
  readonly bytes: number;
  /** ms on the stream's clock; `null`: there is no video yet. */
  readonly first_media_time: number | null;
}

function same(a: readonly InitSegment[], b: readonly InitSegment[]): boolean {
  return a.length === b.length && a.every(({ data }, at) => Buffer.compare(data, b[at]?.data ?? Buffer.of()) === 0);
}

/** The recorder of one stream. */
export class Recorder implements MediaSink {
  readonly name = "recording";
  readonly #options: RecorderOptions;
  readonly #files: MediaFiles;
  /** A run of which nothing is written yet: its first keyframe hasn't come. */
  #opening: MediaRun | null = null;
  #piece: number;
  #inits: readonly InitSegment[] = [];
  #first: number | null;
  #last: number;

  constructor(options: RecorderOptions) {
    const { pieces = 0, first_media_time = null } = options.before ?? {};
    this.#options = options;
    this.#files = new MediaFiles(options);
    this.#piece = pieces - 1;
    this.#first = first_media_time;
    this.#last = first_media_time ?? 0;
  }

  /** What was recorded so far. */
  get recorded(): Recorded {
    return {
      duration_seconds: this.#first === null ? 0 : Math.max(0, this.#last - this.#first) / 1000,
      bytes: (this.#options.before?.bytes ?? 0) + this.#files.bytes,
      first_media_time: this.#first,
    };
  }

  openRun(run: MediaRun): void {
    this.#opening = run;
  }

  write(unit: MediaUnit): Promise<void> | undefined {
    if (this.#opening) {
      if (unit.kind !== "video" || !unit.keyframe) return undefined;
      this.#begin(this.#opening);
    }
    if (unit.kind === "video") {
      this.#first ??= unit.dts;
      this.#last = unit.end;
    }
    return this.#files.append(mediaFileName(this.#piece, unit.kind), unit.bytes);
  }

  async end(): Promise<void> {
    await this.close();
    this.#options.onEnd();
  }

  /** Resolves when all that was written is on the disk. Idempotent. */
  close(): Promise<void> {
    return this.#files.close();
  }

  #begin({ inits }: MediaRun): void {
    this.#opening = null;
    if (same(inits, this.#inits)) return;
    this.#inits = inits;
    this.#piece++;
    for (const { rendition, data } of inits) void this.#files.append(mediaFileName(this.#piece, rendition.type), data);
  }
}
