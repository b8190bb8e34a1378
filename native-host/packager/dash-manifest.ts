// The MPD of a stream (ISO/IEC 23009-1, DASH-IF low latency) as text: a Period for each run, presentation time being
// the stream's own clock throughout. Nobody sets that clock, so that where live is stays right; what the machine's clock shows is told
// of each Period beside it.
import { type Representation, renderAdaptationSet } from "./dash-adaptation-set.ts";
import { DashEvents } from "./dash-events.ts";
import { CLOCK } from "./dash-names.ts";
import { DashPeriods, type PeriodFacts, type RepresentationFacts } from "./dash-periods.ts";
import { dashSegments, FORESEEN, ticks } from "./dash-timeline.ts";
import type { Packager } from "./packager.ts";
import { duration, element } from "./xml.ts";

const PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,http://www.dashif.org/guidelines/low-latency-live-v5";
const UTC_TIMING = element("UTCTiming", { schemeIdUri: "urn:mpeg:dash:utc:http-iso:2014", value: CLOCK });
/** The machine's own clock: the Date of the same response. */
const WALL_TIMING = element("UTCTiming", { schemeIdUri: "urn:mpeg:dash:utc:http-head:2014", value: CLOCK });
/** Latency of low-latency players, in parts: for the chain and its sound, and a few frames ready ahead. */
const LATENCY_PARTS = { target: 5, min: 3, max: 24 } as const;
/** The same where media come as they are captured: there the chain needs half of it. */
const EAGER_LATENCY_PARTS = { target: 3, min: 2, max: 24 } as const;
/** Delay of players that fetch whole segments, in segments: Shaka counts from the end of the last one that is listed. */
const PLAIN_DELAY = 3 + FORESEEN;
/** Slowest and fastest playback to keep the latency: below what one hears. */
const PLAYBACK_RATE = { min: 0.94, max: 1.12 } as const;
/** Id of the clock of capture, to which the latency refers; and of what the machine's clock showed. */
const REFERENCE_ID = 0;
const WALL_ID = 1;
/** ms by which the machine's clock must have gone off for that to be told: less is no date that anybody would miss. */
const SET = 100;

/** Renders the MPD of one stream. */
export class DashManifest {
  readonly #packager: Packager;
  readonly #periods: DashPeriods;
  readonly #events = new DashEvents();

  constructor(packager: Packager) {
    this.#packager = packager;
    this.#periods = new DashPeriods(packager);
  }

  /** Text of `manifest.mpd` as of now; `null` before there is anything to play. */
  render(): string | null {
    const listed = this.#periods.list();
    const endOf = (index: number) => listed[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    const periods = listed.map((period, index) => this.#period(period, endOf(index))).filter(hasLines);
    if (periods.length === 0) return null;
    const live = !this.#packager.ended;
    const lines = element("MPD", this.#attributes(live), [
      live ? serviceDescription(this.#packager) : [],
      ...periods,
      live ? UTC_TIMING : [],
    ]);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join("\n")}\n`;
  }

  #attributes(live: boolean) {
    const { started_at, segment_duration, target_duration, window_seconds } = this.#packager;
    const iso = (time: number) => new Date(started_at + time).toISOString();
    return {
      xmlns: "urn:mpeg:dash:schema:mpd:2011",
      profiles: PROFILES,
      type: live ? "dynamic" : "static",
      availabilityStartTime: iso(0),
      publishTime: iso(this.#newest()),
      minimumUpdatePeriod: live ? duration(segment_duration / 2) : null,
      mediaPresentationDuration: live ? null : duration(this.#newest()),
      timeShiftBufferDepth: live ? duration(window_seconds * 1000) : null,
      suggestedPresentationDelay: live ? duration(segment_duration * PLAIN_DELAY) : null,
      minBufferTime: duration(segment_duration),
      maxSegmentDuration: duration((target_duration + 0.5) * 1000),
    };
  }

  /** `end`: ms on the stream's clock. */
  #period(period: PeriodFacts, end: number): string[] {
    const groups = [...new Set(period.representations.map(({ group }) => group))];
    const sets = groups.map((group, index) => {
      const facts = period.representations.filter((each) => each.group === group);
      const [first, ...others] = facts.flatMap((each) => this.#representation(period, each) ?? []);
      if (!first) return [];
      return renderAdaptationSet({
        ...{ packager: this.#packager, period, id: index + 1 },
        representations: [first, ...others],
      });
    });
    if (!sets.some(hasLines)) return [];
    const events = this.#events.render(this.#packager.marks, period.start, end);
    return element("Period", { id: period.run, start: duration(period.start) }, [events, ...sets]);
  }

  #representation(period: PeriodFacts, facts: RepresentationFacts): Representation | null {
    // A rung has the segments of its source, whether they are made already or not.
    const rung = this.#packager.rungsOf(period.run).find(({ rendition }) => rendition.id === facts.rendition_id);
    const store = rung ? this.#packager.main : this.#packager.find(facts.rendition_id);
    const init = rung ?? store?.initOf(period.run);
    const segments = store ? dashSegments(store, period.run) : [];
    if (!init || segments.length === 0) return null;
    const before_template = producerReferences(this.#packager, period, init.timescale);
    return { facts, init, segments, before_template };
  }

  /** ms on the stream's clock; end of the newest media. */
  #newest(): number {
    return Math.max(0, ...this.#packager.renditions.map((store) => store.last?.end ?? 0));
  }
}

const hasLines = (lines: readonly string[]) => lines.length > 0;

/** What low-latency players aim at, ms from the capture of a picture to its being seen. */
function serviceDescription({ part_target, eager }: Packager): string[] {
  const latency = (parts: number) => Math.ceil((part_target * parts) / 50) * 50;
  const { target, min, max } = eager ? EAGER_LATENCY_PARTS : LATENCY_PARTS;
  return element("ServiceDescription", { id: 0 }, [
    element("Latency", {
      referenceId: REFERENCE_ID,
      target: latency(target),
      min: latency(min),
      max: latency(max),
    }),
    element("PlaybackRate", PLAYBACK_RATE),
  ]);
}

/**
 * Says when the pictures were captured: by the clock of the MPD, as whose presentation time they stand; and where the machine's clock was set
 * since the stream began, by that. The first is what players compute their latency with: dash.js (5.2) and Shaka (5.2) look at no other.
 */
function producerReferences({ started_at, ended }: Packager, period: PeriodFacts, timescale: number): string[] {
  const { start, wall_ahead } = period;
  const reference = (id: number, ahead: number, timing: string[]) => {
    const attributes = {
      id,
      type: "captured",
      wallClockTime: new Date(started_at + start + ahead).toISOString(),
      presentationTime: ticks(start, timescale),
      inband: "false",
    };
    return element("ProducerReferenceTime", attributes, [timing]);
  };
  return [
    ...(ended ? [] : reference(REFERENCE_ID, 0, UTC_TIMING)),
    ...(Math.abs(wall_ahead) < SET ? [] : reference(WALL_ID, wall_ahead, WALL_TIMING)),
  ];
}
