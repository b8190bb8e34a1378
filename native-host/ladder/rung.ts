// One rung while it is read: its encoder, which follows the source run by run and is replaced when it dies, and how far it is behind.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import { partLogger } from "../logging.ts";
import type { InitSegment } from "../media/init-segment.ts";
import type { Rendition } from "../media/rendition.ts";
import type { MediaUnit } from "../media/unit.ts";
import type { Segment } from "../packager/segment.ts";
import { RungEncoder } from "./rung-encoder.ts";

/** Deaths of encoders in a row after which there is no further try; one that lived for so many ms of media begins a new row. */
const MAX_DEATHS = 3;
const LONG_LIFE = 5_000;

const log = partLogger("ladder");

/** What a {@link Rung} needs. */
export interface RungOptions {
  readonly id: string;
  readonly ffmpeg_path: string;
  /** What the rung of a source is, and the arguments that make it; `null`: this source has no such rung, or no encoder for it. */
  readonly make: (source: InitSegment) => { readonly rendition: Rendition; readonly args: readonly string[] } | null;
  /** The next unit of the rung. */
  readonly onUnit: (unit: MediaUnit) => void;
  /** It can't be made. */
  readonly onFailed: (error: FlyBrowserError) => void;
}

/** One rung that is being made. */
export class Rung {
  readonly id: string;
  readonly #options: RungOptions;
  #source: InitSegment | null = null;
  #encoder: RungEncoder | null = null;
  /** Frames that the encoder was given and hasn't given back. */
  #frames = 0;
  #deaths = 0;
  #closed = false;

  constructor(options: RungOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Id of its FFmpeg; `undefined`: none runs. */
  get pid(): number | undefined {
    return this.#encoder?.pid;
  }

  /** Frames by which it is behind the source; a few always, since an encoder holds them. */
  get behind(): number {
    return this.#encoder ? this.#frames : 0;
  }

  /** Follows a run from its next keyframe on. `begun`: a segment that is being made, from whose beginning on. */
  follow(source: InitSegment, begun: Pick<Segment, "start" | "frames" | "data"> | null): void {
    void this.#encoder?.kill(); // of the run before, which took too long to end
    this.#encoder = null;
    this.#source = source;
    if (!begun) return;
    const encoder = this.#start(begun.start);
    this.#frames = begun.frames;
    for (const bytes of begun.data) encoder?.write(bytes);
  }

  /** The next unit of the source's video. */
  write(unit: MediaUnit): void {
    if (unit.init.run !== this.#source?.run) return;
    if (!this.#encoder && unit.keyframe) this.#start(unit.dts);
    if (!this.#encoder) return;
    this.#frames += unit.frames;
    this.#encoder.write(unit.bytes);
  }

  /** The run is over: resolves when all of it has come out. */
  async finishRun(): Promise<void> {
    const encoder = this.#encoder;
    this.#source = null;
    await encoder?.finish();
  }

  /** Ends it at once. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#source = null;
    void this.#encoder?.kill();
    this.#encoder = null;
  }

  #start(at: number): RungEncoder | null {
    const source = this.#source;
    const made = source && !this.#closed ? this.#options.make(source) : null;
    if (!source || !made) return null;
    this.#frames = 0;
    const { run } = source;
    const encoder: RungEncoder = new RungEncoder({
      ...{ path: this.#options.ffmpeg_path, args: made.args, rendition: made.rendition, run },
      onUnit: (unit) => {
        if (this.#closed || this.#encoder !== encoder) return;
        this.#frames -= unit.frames;
        if (unit.end - at > LONG_LIFE) this.#deaths = 0;
        this.#options.onUnit(unit);
      },
      onEnd: (error) => this.#ended(encoder, error),
    });
    this.#encoder = encoder;
    encoder.write(source.data);
    log.info("{id} of run {run}: {width}x{height}, FFmpeg is process {pid}", {
      ...{ id: this.id, run, width: made.rendition.width, height: made.rendition.height, pid: encoder.pid ?? "none" },
    });
    return encoder;
  }

  #ended(encoder: RungEncoder, error: FlyBrowserError | null): void {
    if (this.#encoder !== encoder) return;
    this.#encoder = null;
    if (!error || this.#closed) return;
    log.warning("the encoder of {id} has ended: {error}", { id: this.id, error });
    if (++this.#deaths >= MAX_DEATHS) this.#options.onFailed(error);
  }
}
