// Writes the media of one stream down as they come: a file a track, and a new pair of files ("piece") whenever the init
// segments change. Never touches the stream, and never makes the file that people get: that is finish.ts.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FragmentHeader } from "../../media/fragment.ts";
import type { TrackKind } from "../../media/track-kind.ts";
import type { MediaReader, MediaRun } from "../../stream/media-feed.ts";
import { MAX_WAITING, MediaWriter, type MediaWriterOptions } from "./media-writer.ts";

/** What a {@link Recorder} needs. */
export interface RecorderOptions extends MediaWriterOptions {
  /** The stream has ended. */
  readonly onEnd: () => void;
  /** What a host before this one has recorded into the folder; left out: nothing. */
  readonly before?: { readonly pieces: number; readonly bytes: number; readonly first_media_time: number | null };
}

/** What was recorded so far. */
export interface Recorded {
  /** Seconds from the first picture to the end of the last one. */
  readonly duration_seconds: number;
  readonly bytes: number;
  /** Fragments that were left out because the disk was too slow. */
  readonly dropped_fragments: number;
  /** ms on the stream's clock; `null`: there is no picture yet. */
  readonly first_media_time: number | null;
}

/** Name of the media file of a track of a piece. */
export function mediaFileName(piece: number, kind: TrackKind): string {
  return `${String(piece).padStart(4, "0")}-${kind}.mp4`;
}

/** What media files there are in a folder. */
export function mediaIn(folder: string): { pieces: number; bytes: number } {
  const media = readdirSync(folder).filter((name) => /^\d{4,}-(video|audio)\.mp4$/.test(name));
  const pieces = media.filter((name) => name.endsWith("-video.mp4")).length;
  const bytes = media.reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return { pieces, bytes };
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

/** The reader of a stream that writes it down. */
export class Recorder implements MediaReader {
  readonly #options: RecorderOptions;
  readonly #writer: MediaWriter;
  #run: MediaRun | null = null;
  #piece = -1;
  /** The run whose init segments the piece has. */
  #written: MediaRun | null = null;
  /** Nothing is written before the next keyframe: of a new run, or after the disk was too slow. */
  #awaitsKeyframe = true;
  #first: number | null = null;
  #last = 0;
  #dropped = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#writer = new MediaWriter(options);
    const { pieces = 0, first_media_time = null } = options.before ?? {};
    this.#piece = pieces - 1;
    this.#first = first_media_time;
    this.#last = first_media_time ?? 0;
  }

  /** What was recorded so far. */
  get recorded(): Recorded {
    return {
      duration_seconds: this.#first === null ? 0 : Math.max(0, this.#last - this.#first) / 1000,
      bytes: (this.#options.before?.bytes ?? 0) + this.#writer.written_bytes + this.#writer.waiting_bytes,
      dropped_fragments: this.#dropped,
      first_media_time: this.#first,
    };
  }

  openRun(run: MediaRun): void {
    this.#run = run;
    this.#awaitsKeyframe = true;
  }

  write(kind: TrackKind, fragment: Uint8Array, header: FragmentHeader): void {
    if (!this.#run) return;
    if (this.#awaitsKeyframe && !this.#begins(kind, header)) return;
    if (kind === "video") {
      this.#first ??= header.start;
      this.#last = header.start + header.duration;
    }
    if (this.#writer.append(mediaFileName(this.#piece, kind), fragment)) return;
    this.#dropped++;
    this.#awaitsKeyframe = true; // a hole in a group of pictures would show as smear
  }

  end(): void {
    this.#options.onEnd();
  }

  /** Writes out what waits. Idempotent. */
  close(): Promise<void> {
    this.#run = null;
    return this.#writer.close();
  }

  #begins(kind: TrackKind, header: FragmentHeader): boolean {
    const room = this.#writer.waiting_bytes < MAX_WAITING / 2;
    if (kind !== "video" || !header.keyframe || !room) {
      if (this.#written === this.#run) this.#dropped++;
      return false;
    }
    this.#awaitsKeyframe = false;
    const { video, audio } = this.#run as MediaRun;
    const goesOn = this.#written && sameBytes(this.#written.video, video) && sameBytes(this.#written.audio, audio);
    if (!goesOn) {
      this.#piece++;
      this.#writer.append(mediaFileName(this.#piece, "video"), video);
      if (audio) this.#writer.append(mediaFileName(this.#piece, "audio"), audio);
    }
    this.#written = this.#run;
    return true;
  }
}
