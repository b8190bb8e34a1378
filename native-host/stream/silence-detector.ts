// Notices audio that is digital silence, by the size of its AAC frames. A silent page is well: it is only worth a word.
import type { MediaUnit } from "../media/unit.ts";

/** ms of silence after which it is worth a word. */
const SILENT_FOR = 3_000;
/** A frame of digital silence has 6 bytes, the quietest tone (-60 dB) 28; boxes come on top, for each fragment and frame. */
const SILENT_FRAME = 12;
const BOXES = 120;
const BOXES_PER_FRAME = 8;

/** Reads the audio of one stream. */
export class SilenceDetector {
  /** Media time at which the silence began, ms; `null`: it isn't silent. */
  #silentSince: number | null = null;
  #heardUntil = 0;

  /** Whether the last seconds were digital silence. */
  get silent(): boolean {
    return this.#silentSince !== null && this.#heardUntil - this.#silentSince >= SILENT_FOR;
  }

  /** A run begins. */
  openRun(): void {
    this.#silentSince = null;
  }

  /** The next unit of the source. */
  write({ kind, bytes, frames, dts, end }: MediaUnit): void {
    if (kind !== "audio") return;
    this.#heardUntil = end;
    const silent = bytes.length - BOXES < frames * (SILENT_FRAME + BOXES_PER_FRAME);
    this.#silentSince = silent ? (this.#silentSince ?? dts) : null;
  }
}
