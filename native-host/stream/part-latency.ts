// How long the media of one stream take from their capture to the part that viewers can fetch. Looks at the packager; never
// changes it, and keeps no figures.
import type { Packager, TrackKind } from "../packager/packager.ts";

/** A part that became ready. */
export interface ReadyPart {
  readonly rendition: TrackKind;
  /** s from the capture of its first picture or sound. */
  readonly seconds: number;
}

interface Place {
  msn: number;
  part: number;
}

/** Finds the new parts of a stream. */
export class PartLatency {
  readonly #packager: Packager;
  /** The part that comes next, of each rendition. */
  readonly #next = new Map<TrackKind, Place>();

  constructor(packager: Packager) {
    this.#packager = packager;
  }

  /** The parts that became ready since the last look. `now`: epoch ms. */
  look(now: number): ReadyPart[] {
    const ready: ReadyPart[] = [];
    for (const kind of ["video", "audio"] as const) this.#lookAt(kind, now, ready);
    return ready;
  }

  #lookAt(rendition: TrackKind, now: number, ready: ReadyPart[]): void {
    const media = this.#packager[rendition];
    const first = media?.segments[0];
    if (!media || !first) return;
    const place = this.#next.get(rendition) ?? { msn: first.msn, part: 0 };
    this.#next.set(rendition, place);
    if (place.msn < first.msn) Object.assign(place, { msn: first.msn, part: 0 });
    for (;;) {
      const segment = media.segment(place.msn);
      if (!segment) return;
      let at = this.#packager.started_at + segment.start;
      segment.parts.forEach(({ duration }, index) => {
        if (index >= place.part) ready.push({ rendition, seconds: (now - at) / 1000 });
        at += duration;
      });
      place.part = segment.parts.length;
      if (!segment.complete) return;
      Object.assign(place, { msn: place.msn + 1, part: 0 });
    }
  }
}
