// The AdaptationSet of one track in one Period: its codec, its one Representation, where its segments are.
// Never decides which segments there are.

import type { InitSegment } from "../media/init-segment.ts";
import { segmentTemplate } from "./dash-names.ts";
import type { PeriodFacts, TrackFacts } from "./dash-periods.ts";
import { renderTimeline, type Timed, ticks } from "./dash-timeline.ts";
import { initName } from "./hls-names.ts";
import type { Packager } from "./packager.ts";
import { element } from "./xml.ts";

/** What an AdaptationSet is made of. */
export interface TrackOfPeriod {
  readonly packager: Packager;
  readonly period: PeriodFacts;
  readonly facts: TrackFacts;
  readonly init: InitSegment;
  readonly segments: readonly Timed[];
  /** For clients that fetch whole segments only. */
  readonly plain: boolean;
}

/** The element. `inRepresentation`: elements that stand before the SegmentTemplate. */
export function renderAdaptationSet(track: TrackOfPeriod, inRepresentation: readonly (readonly string[])[]): string[] {
  const { facts, init, period } = track;
  const { kind } = facts;
  const picture = kind === "video";
  const representation = {
    id: kind,
    bandwidth: facts.bandwidth,
    codecs: init.codec,
    width: picture ? init.width : null,
    height: picture ? init.height : null,
    frameRate: picture ? facts.frame_rate : null,
    sar: picture ? "1:1" : null,
    audioSamplingRate: picture ? null : init.sample_rate,
  };
  const channels = element("AudioChannelConfiguration", {
    schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
    value: init.channels,
  });
  return element(
    "AdaptationSet",
    { id: picture ? 1 : 2, contentType: kind, mimeType: `${kind}/mp4`, segmentAlignment: "true", startWithSAP: 1 },
    [
      element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value: "main" }),
      element("Representation", representation, [
        picture ? [] : channels,
        ...inRepresentation,
        renderTemplate(track, kind, period.run),
      ]),
    ],
  );
}

function renderTemplate(
  { packager, period, init, segments, plain }: TrackOfPeriod,
  kind: TrackFacts["kind"],
  run: number,
): string[] {
  const { timescale } = init;
  const grows = !packager.ended && !plain;
  // From its first part on, the segment being made can be fetched while it grows.
  const early = (packager.segment_duration - packager.part_target) / 1000;
  const attributes = {
    timescale,
    presentationTimeOffset: ticks(period.start, timescale),
    availabilityTimeOffset: grows ? Math.max(0, early).toFixed(3) : null,
    availabilityTimeComplete: grows ? "false" : null,
    initialization: initName(kind, run),
    media: segmentTemplate(kind, run, plain),
  };
  return element("SegmentTemplate", attributes, [renderTimeline(segments, timescale, packager.segment_duration)]);
}
