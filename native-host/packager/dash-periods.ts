// The Periods of an MPD: one for each run that has media, with what is said of it and never changes afterwards.
// Never renders anything.

import type { TrackKind } from "../media/track-kind.ts";
import { dashSegments } from "./dash-timeline.ts";
import type { Packager } from "./packager.ts";
import type { Rendition } from "./rendition.ts";

/** Whole segments after which a run counts without the sound that was announced for it. */
const PATIENCE = 2;
/** Least bandwidth that is told, bit/s: a page that stands still has next to none. */
const LEAST_BANDWIDTH = 1000;

/** What is said of a track of a Period. */
export interface TrackFacts {
  readonly kind: TrackKind;
  /** bit/s */
  readonly bandwidth: number;
  /** Frames a second; 0 for sound. */
  readonly frame_rate: number;
}

/** What a Period keeps from its first appearance on: players don't expect it to change. */
export interface PeriodFacts {
  readonly run: number;
  /** ms on the stream's clock. */
  readonly start: number;
  readonly tracks: readonly TrackFacts[];
}

/** Keeps the Periods of one stream. */
export class DashPeriods {
  readonly #packager: Packager;
  readonly #periods = new Map<number, PeriodFacts>();

  constructor(packager: Packager) {
    this.#packager = packager;
  }

  /** Those that have media now, oldest first. A new one waits until all its tracks have begun. */
  list(): PeriodFacts[] {
    const runs = [...new Set(this.#packager.main?.listed.map(({ run }) => run))];
    for (const run of this.#periods.keys()) if (!runs.includes(run)) this.#periods.delete(run);
    return runs.map((run) => this.#periodOf(run)).filter((period) => period !== null);
  }

  #periodOf(run: number): PeriodFacts | null {
    const known = this.#periods.get(run);
    if (known) return known.tracks.some(({ kind }) => this.#has(kind, run)) ? known : null;
    const { video, audio, main, open_run } = this.#packager;
    const ready = [video, audio].filter((rendition) => rendition !== null).filter(({ kind }) => this.#has(kind, run));
    if (!main || !ready.includes(main)) return null;
    const awaited = open_run?.run === run ? open_run.tracks.length : 0;
    const whole = main.listed.filter((segment) => segment.run === run && segment.complete).length;
    if (ready.length < awaited && whole < PATIENCE) return null;
    const starts = ready.map((rendition) => dashSegments(rendition, run)[0]?.start ?? 0);
    const period = { run, start: Math.max(0, Math.floor(Math.min(...starts))), tracks: ready.map(factsOf) };
    this.#periods.set(run, period);
    return period;
  }

  #has(kind: TrackKind, run: number): boolean {
    const rendition = this.#packager[kind];
    return rendition?.initOf(run) !== undefined && dashSegments(rendition, run).length > 0;
  }
}

function factsOf({ kind, measured }: Rendition): TrackFacts {
  const bandwidth = Math.max(measured.peak_bitrate, LEAST_BANDWIDTH);
  return { kind, bandwidth, frame_rate: kind === "video" ? Math.max(1, Math.round(measured.frame_rate)) : 0 };
}
