// Puts the renditions of a run together: its fragments wait until every init segment and the first keyframe are there. Gives
// the fan-out whole runs, which begin with video.
import type { FanOut } from "./fan-out.ts";
import { videoFirst } from "./fan-out.ts";
import { FragmentReader } from "./fragment-reader.ts";
import type { InitSegment } from "./init-segment.ts";
import type { Rendition } from "./rendition.ts";
import type { MediaUnit } from "./unit.ts";

/** ms of video, and units, that wait for another rendition's init segment; audio that takes longer has no place in the run. */
const MAX_WAIT = 3_000;
const MAX_EARLY = 150;

/** The assembler of one run. */
export class RunAssembler {
  readonly #run: number;
  readonly #renditions: readonly Rendition[];
  readonly #fanOut: FanOut;
  readonly #readers: ReadonlyMap<string, FragmentReader>;
  readonly #inits = new Map<string, InitSegment>();
  #early: MediaUnit[] = [];
  /** The ids of the renditions that the run was announced with; `null`: it wasn't yet. */
  #announced: ReadonlySet<string> | null = null;

  constructor(run: number, renditions: readonly Rendition[], fanOut: FanOut) {
    this.#run = run;
    this.#renditions = renditions;
    this.#fanOut = fanOut;
    const onInit = (init: InitSegment) => void this.#inits.set(init.rendition.id, init);
    const onUnit = (unit: MediaUnit) => this.#take(unit);
    this.#readers = new Map(
      renditions.map((rendition) => [rendition.id, new FragmentReader({ rendition, run, onInit, onUnit })]),
    );
  }

  /**
   * Takes the next bytes of a rendition. Don't reuse the buffer.
   * @throws FlyBrowserError `ffmpeg_failed` on a malformed stream
   */
  write(rendition_id: string, bytes: Uint8Array): void {
    this.#readers.get(rendition_id)?.write(bytes);
  }

  /** The run is complete; one whose audio never came is given out now. */
  close(): void {
    if (!this.#announced) this.#announce();
    if (this.#announced) this.#fanOut.closeRun();
  }

  #take(unit: MediaUnit): void {
    if (this.#announced?.has(unit.rendition.id)) this.#fanOut.write(unit);
    else if (!this.#announced) this.#hold(unit);
  }

  #hold(unit: MediaUnit): void {
    const first = this.#early.find(({ kind }) => kind === "video") ?? unit;
    if (unit.kind === "video" && first === unit && !unit.keyframe) return;
    this.#early.push(unit);
    const late = this.#early.length > MAX_EARLY || (unit.kind === "video" && unit.dts - first.dts > MAX_WAIT);
    if ((this.#inits.size === this.#renditions.length || late) && this.#announce()) return;
    if (this.#early.length > MAX_EARLY) this.#early.shift();
  }

  /** Opens the run and gives out what waited; `false`: there is no video yet. */
  #announce(): boolean {
    const inits = this.#renditions.flatMap(({ id }) => this.#inits.get(id) ?? []);
    const first = this.#early.find(({ kind }) => kind === "video");
    if (!first) return false;
    this.#announced = new Set(inits.map(({ rendition }) => rendition.id));
    this.#fanOut.openRun({ run: this.#run, inits });
    for (const unit of videoFirst(this.#early)) {
      if (unit.kind === "video" || unit.end > first.dts) this.#take(unit);
    }
    this.#early = [];
    return true;
  }
}
