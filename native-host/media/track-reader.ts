// Reads the byte stream of one track of one run: first its init segment, then its fragments.
// Never keeps a fragment.
import { type Box, BoxSplitter, join, malformed } from "./box-splitter.ts";
import { type Fragment, type FragmentHeader, readFragmentHeader } from "./fragment.ts";
import { type InitSegment, readInitSegment } from "./init-segment.ts";

/** Who is told of what was read. */
export interface TrackListener {
  init(init: InitSegment): void;
  fragment(fragment: Fragment): void;
}

/** The reader of one track of one run. */
export class TrackReader {
  readonly #run: number;
  readonly #listener: TrackListener;
  readonly #splitter = new BoxSplitter();
  #ftyp: Box | null = null;
  #init: InitSegment | null = null;
  #moof: { box: Box; header: FragmentHeader } | null = null;

  constructor(run: number, listener: TrackListener) {
    this.#run = run;
    this.#listener = listener;
  }

  /**
   * Takes the next bytes of the stream.
   * @throws FlyBrowserError `ffmpeg_failed` on a malformed stream.
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

  #takeMoov(box: Box): void {
    if (!this.#ftyp) throw malformed("a moov before any ftyp");
    // Copied, so that the init segment doesn't keep the first media alive with it.
    this.#init = readInitSegment(this.#run, Buffer.concat([...this.#ftyp.pieces, ...box.pieces]));
    this.#listener.init(this.#init);
  }

  #takeMoof(box: Box): void {
    if (!this.#init) throw malformed("a moof before any moov");
    this.#moof = { box, header: readFragmentHeader(join(box.pieces), this.#init) };
  }

  #takeMdat(mdat: Box): void {
    if (!this.#moof) throw malformed("a mdat before any moof");
    const { box, header } = this.#moof;
    this.#moof = null;
    if (header.frames === 0) return;
    this.#listener.fragment({ ...header, pieces: [...box.pieces, ...mdat.pieces], bytes: box.bytes + mdat.bytes });
  }
}
