// Reads the byte stream of one rendition in one run: first its init segment, then media units.

import { sentence } from "../../protocol/sentence.ts";
import { type Box, BoxSplitter, join } from "./box-splitter.ts";
import { type InitSegment, readTrack } from "./init-segment.ts";
import { malformed } from "./mp4.ts";
import type { Rendition } from "./rendition.ts";
import { MediaUnit } from "./unit.ts";

/** What a {@link FragmentReader} needs. */
export interface FragmentReaderOptions {
  readonly rendition: Rendition;
  readonly run: number;
  readonly onInit: (init: InitSegment) => void;
  readonly onUnit: (unit: MediaUnit) => void;
}

/** The reader of one rendition in one run. */
export class FragmentReader {
  readonly #options: FragmentReaderOptions;
  readonly #splitter = new BoxSplitter();
  #ftyp: Box | null = null;
  #init: InitSegment | null = null;
  #moof: Box | null = null;

  constructor(options: FragmentReaderOptions) {
    this.#options = options;
  }

  /**
   * Takes the next bytes of FFmpeg's output. Units are views of them where they can be: don't reuse the buffer.
   * @throws FlyBrowserError `ffmpeg_failed` on a malformed stream
   */
  write(bytes: Uint8Array): void {
    for (const box of this.#splitter.write(bytes)) this.#take(box);
  }

  #take(box: Box): void {
    if (box.type === "ftyp") this.#ftyp = box;
    else if (box.type === "moov") this.#takeMoov(box);
    else if (box.type === "moof") this.#takeMoof(box);
    else if (box.type === "mdat") this.#takeMdat(box);
  }

  #takeMoov(moov: Box): void {
    if (!this.#ftyp) throw malformed(sentence("mp4.moov_first"));
    const { rendition, run, onInit } = this.#options;
    // Copied, so that the init segment doesn't keep the first media alive with it.
    this.#init = { ...readTrack(Buffer.concat([...this.#ftyp.pieces, ...moov.pieces])), rendition, run };
    onInit(this.#init);
  }

  #takeMoof(moof: Box): void {
    if (!this.#init) throw malformed(sentence("mp4.moof_first"));
    this.#moof = moof;
  }

  #takeMdat(mdat: Box): void {
    if (!this.#init || !this.#moof) throw malformed(sentence("mp4.mdat_first"));
    const moof = this.#moof;
    this.#moof = null;
    const unit = MediaUnit.read(this.#init, join([...moof.pieces, ...mdat.pieces]), moof.bytes);
    if (unit) this.#options.onUnit(unit);
  }
}
