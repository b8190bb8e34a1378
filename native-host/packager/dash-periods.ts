// The Periods of an MPD: one for each run that has media, with what is said of it and does not change afterwards.
import type { InitSegment } from "../media/init-segment.ts";
import type { MediaType } from "../media/rendition.ts";
import { peakBandwidth } from "./bandwidth.ts";
import { dashSegments } from "./dash-timeline.ts";
import type { Packager } from "./packager.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Whole segments after which a run counts without a rendition that was announced for it. */
const PATIENCE = 2;

/** What is said of a Representation of a Period. */
export interface RepresentationFacts {
  readonly rendition_id: string;
  readonly type: MediaType;
  /** Those of one group share an AdaptationSet. */
  readonly group: string;
  /** bit/s */
  readonly bandwidth: number;
  /** Frames a second; 0 for audio. */
  readonly frame_rate: number;
}

/** What a Period keeps from its first appearance on: players don't expect it to change. */
export interface PeriodFacts {
  readonly run: number;
  /** ms on the stream's clock. */
  readonly start: number;
  /** ms by which wall time is ahead of the stream's clock in this run. */
  readonly wall_ahead: number;
  readonly representations: readonly RepresentationFacts[];
}

/** Keeps the Periods of one stream. */
export class DashPeriods {
  readonly #packager: Packager;
  readonly #periods = new Map<number, PeriodFacts>();

  constructor(packager: Packager) {
    this.#packager = packager;
  }

  /** Those that have media now, oldest first. A new one waits until all its renditions have begun. */
  list(): PeriodFacts[] {
    const runs = [...new Set(this.#packager.main?.listed.map(({ run }) => run))];
    for (const run of this.#periods.keys()) if (!runs.includes(run)) this.#periods.delete(run);
    return runs.map((run) => this.#periodOf(run)).filter((period) => period !== null);
  }

  #periodOf(run: number): PeriodFacts | null {
    const rungs = this.#packager.rungsOf(run);
    const isRung = ({ id }: SegmentStore) => rungs.some(({ rendition }) => rendition.id === id);
    const ready = this.#packager.renditions.filter((store) => !isRung(store) && hasMedia(store, run));
    const known = this.#periods.get(run);
    if (known) return this.#withRungs(this.#withNew(known, ready), rungs);
    const { main, open_run } = this.#packager;
    if (!main || !ready.includes(main)) return null;
    const awaited = open_run?.run === run ? open_run.announced.length : 0;
    const whole = main.listed.filter((segment) => segment.run === run && segment.complete).length;
    if (ready.length < awaited && whole < PATIENCE) return null;
    const starts = ready.map((store) => dashSegments(store, run)[0]?.start ?? 0);
    const start = Math.max(0, Math.floor(Math.min(...starts)));
    const wall_ahead = dashSegments(main, run)[0]?.wall_ahead ?? 0;
    const period = { run, start, wall_ahead, representations: ready.map(factsOf) };
    this.#periods.set(run, period);
    return this.#withRungs(period, rungs);
  }

  /** With the rungs that can be made of its run, which are told behind all others. */
  #withRungs(known: PeriodFacts | null, rungs: readonly InitSegment[]): PeriodFacts | null {
    const told = known?.representations.map(({ rendition_id }) => rendition_id) ?? [];
    const missing = rungs.filter(({ rendition }) => !told.includes(rendition.id));
    if (!known || missing.length === 0) return known;
    const frame_rate = Math.max(1, Math.round(this.#packager.main?.measured.frame_rate ?? 0));
    const facts = missing.map(({ rendition: { id, type, group }, rendition }) => ({
      ...{ rendition_id: id, type, group, frame_rate },
      bandwidth: peakBandwidth(rendition, null, true),
    }));
    const period = { ...known, representations: [...known.representations, ...facts] };
    this.#periods.set(known.run, period);
    return period;
  }

  /** A rendition that joined its group later is told from then on; one of another group was too late. */
  #withNew(known: PeriodFacts, ready: readonly SegmentStore[]): PeriodFacts | null {
    const told = new Set(known.representations.map(({ rendition_id }) => rendition_id));
    const groups = new Set(known.representations.map(({ group }) => group));
    const joined = ready.filter(({ id, rendition }) => !told.has(id) && groups.has(rendition.group));
    if (joined.length === 0) return ready.some(({ id }) => told.has(id)) ? known : null;
    const period = { ...known, representations: [...known.representations, ...joined.map(factsOf)] };
    this.#periods.set(known.run, period);
    return period;
  }
}

function hasMedia(store: SegmentStore, run: number): boolean {
  return store.initOf(run) !== undefined && dashSegments(store, run).length > 0;
}

function factsOf({ rendition, measured }: SegmentStore): RepresentationFacts {
  const { id: rendition_id, type, group } = rendition;
  const bandwidth = peakBandwidth(rendition, measured);
  const frame_rate = type === "video" ? Math.max(1, Math.round(measured.frame_rate)) : 0;
  return { rendition_id, type, group, bandwidth, frame_rate };
}
