// Hands the media of a stream on to its readers (packager, RTMP, recording): init segments and whole fragments, picture and
// sound apart, on the stream's clock. Never waits for a reader, and never lets one reader's failure reach another or the source.
import { toFlyBrowserError } from "../../protocol/errors.ts";
import { partLogger } from "../logging.ts";
import { join } from "../media/box-splitter.ts";
import type { Fragment, FragmentHeader } from "../media/fragment.ts";
import type { TrackKind } from "../media/track-kind.ts";
import { TrackReader } from "../media/track-reader.ts";

/** A run, as a reader is told of it. */
export interface MediaRun {
  readonly run: number;
  /** Init segment. */
  readonly video: Uint8Array;
  /** Init segment; `null`: no sound. */
  readonly audio: Uint8Array | null;
}

/**
 * One who reads a stream's media. It queues for itself, with a bound; its methods return at once. A run's first picture is a
 * keyframe, for a reader that comes in the middle only nearly always.
 */
export interface MediaReader {
  /** A run begins, with a keyframe. */
  openRun(run: MediaRun): void;
  /** The next fragment (moof + mdat) of a track of the run; `header` says when it is. Don't write to it. */
  write(kind: TrackKind, fragment: Uint8Array, header: FragmentHeader): void;
  /** The run is complete. */
  closeRun?(): void;
  /** The stream has ended: nothing more comes. */
  end?(): void;
}

/** Fragments kept for readers that come in the middle: several of the longest keyframe intervals. */
const MAX_RECENT = 400;
/** ms of picture, and fragments, that wait for the other track's init segment; sound that takes longer has no place in the run. */
const MAX_WAIT = 3_000;
const MAX_EARLY = 100;

const log = partLogger("feed");

interface Piece {
  readonly kind: TrackKind;
  readonly data: Uint8Array;
  readonly header: FragmentHeader;
}

interface OpenRun {
  readonly number: number;
  readonly readers: ReadonlyMap<TrackKind, TrackReader>;
  readonly inits: Map<TrackKind, Uint8Array>;
  /** `null` until the init segments are there and a keyframe has come. */
  announced: MediaRun | null;
  early: Piece[];
}

/** Sound comes a little before its picture; readers begin with the picture, and would leave that sound out. */
function pictureFirst(pieces: readonly Piece[]): Piece[] {
  const first = pieces.find(({ kind }) => kind === "video");
  return first ? [first, ...pieces.filter((piece) => piece !== first)] : [...pieces];
}

/** The feed of one stream. */
export class MediaFeed {
  readonly #readers = new Set<MediaReader>();
  #run: OpenRun | null = null;
  /** What came since the last keyframe, that one first. */
  #recent: Piece[] = [];
  #ended = false;
  #begun = false;

  /** The run that goes on, once its first picture came; `null`: none. */
  get run(): MediaRun | null {
    return this.#run?.announced ?? null;
  }

  /** Something has come out already. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Adds a reader: it gets all from the last keyframe on. Gives the function that takes it away. */
  add(reader: MediaReader): () => void {
    this.#readers.add(reader);
    if (this.#ended) this.#tell(reader, () => reader.end?.());
    const { run } = this;
    if (run) {
      this.#tell(reader, () => reader.openRun(run));
      for (const piece of pictureFirst(this.#recent))
        this.#tell(reader, () => reader.write(piece.kind, piece.data, piece.header));
    }
    return () => void this.#readers.delete(reader);
  }

  /** A run begins; the one before it is over. */
  openRun(number: number, tracks: readonly TrackKind[]): void {
    if (this.#ended) return;
    const run: OpenRun = { number, inits: new Map(), announced: null, early: [], readers: new Map(tracks.map(reader)) };
    const feed = this;
    function reader(kind: TrackKind): [TrackKind, TrackReader] {
      const init = ({ data }: { data: Uint8Array }) => void run.inits.set(kind, data);
      return [kind, new TrackReader(number, { init, fragment: (fragment) => feed.#take(run, kind, fragment) })];
    }
    this.#run = run;
    this.#recent = [];
  }

  /**
   * Takes the next bytes of a track of a run; those of any but the open run are ignored. Don't reuse the buffer.
   * @throws FlyBrowserError `ffmpeg_failed` on a malformed stream.
   */
  write(number: number, kind: TrackKind, bytes: Uint8Array): void {
    if (this.#run?.number === number) this.#run.readers.get(kind)?.write(bytes);
  }

  /** A run is complete. */
  closeRun(number: number): void {
    const run = this.#run;
    if (run?.number !== number) return;
    if (!run.announced) this.#announce(run); // a short one, whose sound never came
    this.#run = null;
    this.#recent = [];
    if (run.announced) this.#all((reader) => reader.closeRun?.());
  }

  /** The stream is over. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#run = null;
    this.#recent = [];
    this.#all((reader) => reader.end?.());
  }

  #take(run: OpenRun, kind: TrackKind, fragment: Fragment): void {
    const { pieces, bytes: _, ...header } = fragment;
    const piece = { kind, data: join(pieces), header };
    if (run.announced) this.#give(piece);
    else this.#hold(run, piece);
  }

  /** Until a run has its init segments and a keyframe, its fragments wait; sound that never comes is not waited for. */
  #hold(run: OpenRun, piece: Piece): void {
    const first = run.early.find(({ kind }) => kind === "video") ?? piece;
    if (piece.kind === "video" && first === piece && !piece.header.keyframe) return;
    run.early.push(piece);
    const late =
      run.early.length > MAX_EARLY || (piece.kind === "video" && piece.header.start - first.header.start > MAX_WAIT);
    const whole = run.inits.size === run.readers.size || late;
    if (whole && this.#announce(run)) return;
    if (run.early.length > MAX_EARLY) run.early.shift();
  }

  /** Tells the readers of a run and gives them what waited; `false`: there is no picture yet. */
  #announce(run: OpenRun): boolean {
    const video = run.inits.get("video");
    const first = run.early.find(({ kind }) => kind === "video");
    if (!video || !first) return false;
    run.announced = { run: run.number, video, audio: run.inits.get("audio") ?? null };
    const { announced } = run;
    this.#all((reader) => reader.openRun(announced));
    for (const early of pictureFirst(run.early)) {
      const heard = early.kind === "video" || early.header.start + early.header.duration > first.header.start;
      if (heard) this.#give(early);
    }
    run.early = [];
    return true;
  }

  #give(piece: Piece): void {
    if (piece.kind === "audio" && this.#run?.announced?.audio === null) return;
    if (piece.kind === "video" && piece.header.keyframe) this.#forget(piece.header.start);
    // Without its keyframe the rest is of no use: a new reader waits for the next one then.
    if (this.#recent.length >= MAX_RECENT) this.#recent = [];
    this.#recent.push(piece);
    this.#begun = true;
    this.#all((reader) => reader.write(piece.kind, piece.data, piece.header));
  }

  /** Only sound that is heard with the new keyframe is still needed. */
  #forget(start: number): void {
    const needed = ({ kind, header }: Piece) => kind === "audio" && header.start + header.duration > start;
    this.#recent = this.#recent.filter(needed);
  }

  #all(act: (reader: MediaReader) => void): void {
    for (const reader of [...this.#readers]) this.#tell(reader, () => act(reader));
  }

  #tell(reader: MediaReader, act: () => void): void {
    try {
      act();
    } catch (thrown) {
      log.error("{reader}: {reason}", { reader: reader.constructor.name, reason: toFlyBrowserError(thrown).message });
    }
  }
}
