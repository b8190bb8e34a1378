// Notices sound that is digital silence, by the size of its AAC frames. Never decodes, and never judges: a silent page is well.
import type { FragmentHeader } from "../media/fragment.ts";
import type { TrackKind } from "../media/track-kind.ts";
import type { MediaReader } from "./media-feed.ts";

/** ms of silence after which it is worth a word. */
const SILENT_FOR = 3_000;
/** A frame of digital silence has 6 bytes, the quietest tone (-60 dB) 28; boxes come on top, per fragment and frame. */
const SILENT_FRAME = 12;
const BOXES = 120;
const BOXES_PER_FRAME = 8;

/** Reads the sound of one stream. */
export class SoundWatch implements MediaReader {
  /** Media time at which the silence began, ms; `null`: it isn't silent. */
  #silentSince: number | null = null;
  #heardUntil = 0;

  /** Whether the last seconds were digital silence. */
  get silent(): boolean {
    return this.#silentSince !== null && this.#heardUntil - this.#silentSince >= SILENT_FOR;
  }

  openRun(): void {
    this.#silentSince = null;
  }

  write(kind: TrackKind, fragment: Uint8Array, { start, duration, frames }: FragmentHeader): void {
    if (kind !== "audio") return;
    this.#heardUntil = start + duration;
    const silent = fragment.length - BOXES < frames * (SILENT_FRAME + BOXES_PER_FRAME);
    this.#silentSince = silent ? (this.#silentSince ?? start) : null;
  }
}
