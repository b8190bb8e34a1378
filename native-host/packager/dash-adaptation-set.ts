// The AdaptationSet of one group of renditions in one Period: a Representation for each, and where its segments are.
import type { InitSegment } from "../media/init-segment.ts";
import { segmentTemplate } from "./dash-names.ts";
import type { PeriodFacts, RepresentationFacts } from "./dash-periods.ts";
import { renderTimeline, type Timed, ticks } from "./dash-timeline.ts";
import { initName } from "./hls-names.ts";
import type { Packager } from "./packager.ts";
import { element } from "./xml.ts";

/** What a Representation is made of. */
export interface Representation {
  readonly facts: RepresentationFacts;
  readonly init: InitSegment;
  readonly segments: readonly Timed[];
  /** Elements that stand before the SegmentTemplate. */
  readonly before_template: readonly string[];
}

/** What an AdaptationSet is made of. */
export interface AdaptationSet {
  readonly packager: Packager;
  readonly period: PeriodFacts;
  /** From 1. */
  readonly id: number;
  /** One at least, all of one type. */
  readonly representations: readonly [Representation, ...Representation[]];
}

/** The element as lines. */
export function renderAdaptationSet(set: AdaptationSet): string[] {
  const { type } = set.representations[0].facts;
  return element(
    "AdaptationSet",
    { id: set.id, contentType: type, mimeType: `${type}/mp4`, segmentAlignment: "true", startWithSAP: 1 },
    [
      element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value: "main" }),
      ...set.representations.map((each) => renderRepresentation(set, each)),
    ],
  );
}

function renderRepresentation(set: AdaptationSet, representation: Representation): string[] {
  const { facts, init, before_template } = representation;
  const isVideo = facts.type === "video";
  const attributes = {
    id: facts.rendition_id,
    bandwidth: facts.bandwidth,
    codecs: init.codec,
    width: isVideo ? init.width : null,
    height: isVideo ? init.height : null,
    frameRate: isVideo ? facts.frame_rate : null,
    sar: isVideo ? "1:1" : null,
    audioSamplingRate: isVideo ? null : init.sample_rate,
  };
  const channels = element("AudioChannelConfiguration", {
    schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
    value: init.channels,
  });
  const children = [isVideo ? [] : channels, before_template, renderTemplate(set, representation)];
  return element("Representation", attributes, children);
}

function renderTemplate({ packager, period }: AdaptationSet, { facts, init, segments }: Representation): string[] {
  const { timescale } = init;
  const grows = !packager.ended;
  // From its beginning on, the segment being made can be fetched while it grows.
  const early = packager.segment_duration / 1000;
  const goes_on = grows && packager.open_run?.run === period.run;
  const attributes = {
    timescale,
    presentationTimeOffset: ticks(period.start, timescale),
    availabilityTimeOffset: grows ? early.toFixed(3) : null,
    availabilityTimeComplete: grows ? "false" : null,
    initialization: initName(facts.rendition_id, period.run),
    media: segmentTemplate(facts.rendition_id, period.run),
  };
  return element("SegmentTemplate", attributes, [
    renderTimeline(segments, timescale, packager.segment_duration, goes_on),
  ]);
}
