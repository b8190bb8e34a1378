// The playable time range of an MPD, read from the manifest object that dash.js parses it into.
import * as v from "valibot";

/** dash.js gives a list only where an element occurs several times. */
const many = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (Array.isArray(value) ? (value as unknown[]) : [value])),
    v.array(schema),
  );

const SegmentTemplateSchema = v.object({
  timescale: v.optional(v.number(), 1),
  presentationTimeOffset: v.optional(v.number(), 0),
  SegmentTimeline: v.object({
    S: many(v.object({ t: v.optional(v.number()), d: v.number(), r: v.optional(v.number(), 0) })),
  }),
});

const ProducerReferenceSchema = v.object({ wallClockTime: v.date(), presentationTime: v.number() });

const RepresentationSchema = v.object({
  SegmentTemplate: SegmentTemplateSchema,
  ProducerReferenceTime: v.optional(many(ProducerReferenceSchema)),
});

/** As much of an MPD as is read here. */
const ManifestSchema = v.object({
  type: v.picklist(["static", "dynamic"]),
  availabilityStartTime: v.date(),
  publishTime: v.date(),
  ServiceDescription: v.optional(many(v.object({ Latency: v.optional(many(v.object({ target: v.number() }))) }))),
  Period: many(
    v.object({
      start: v.number(),
      AdaptationSet: many(v.object({ Representation: many(RepresentationSchema) })),
    }),
  ),
});

/** What an MPD says of its codecs. */
const CodecsSchema = v.object({
  Period: many(
    v.object({
      AdaptationSet: many(
        v.object({ mimeType: v.string(), Representation: many(v.object({ codecs: v.optional(v.string(), "") })) }),
      ),
    }),
  ),
});

type Template = v.InferOutput<typeof SegmentTemplateSchema>;
type Representation = v.InferOutput<typeof RepresentationSchema>;

/** What the host's clock showed, from a time of the stream's clock on. */
interface DateFrom {
  /** s */
  readonly from: number;
  /** ms since 1970 of time 0. */
  readonly zero: number;
}

/** What can be played, in seconds on the stream's clock, which is the video element's own time. */
export interface DashWindow {
  readonly live: boolean;
  /** One at least, the oldest first. */
  readonly dates: readonly DateFrom[];
  readonly oldest: number;
  /** Start and foreseen end of the newest segment that has begun. */
  readonly last_start: number;
  readonly last_end: number;
  /** End of the newest media. */
  readonly newest: number;
  /** Target latency of the MPD, s; `null`: none. */
  readonly target: number | null;
}

/** The playable range of an MPD; `null`: it isn't one of our host's. */
export function readWindow(manifest: unknown): DashWindow | null {
  const parsed = v.safeParse(ManifestSchema, manifest);
  if (!parsed.success) return null;
  const { type, availabilityStartTime, publishTime, Period, ServiceDescription } = parsed.output;
  const newest = (publishTime.getTime() - availabilityStartTime.getTime()) / 1000;
  const dates = Period.map(({ start, AdaptationSet }) => ({
    from: start,
    zero: zeroOf(AdaptationSet[0]?.Representation[0], start) ?? availabilityStartTime.getTime(),
  }));
  const timelines = Period.flatMap(({ start, AdaptationSet }) => {
    const template = AdaptationSet[0]?.Representation[0]?.SegmentTemplate;
    return template ? [timesOf(template, start, newest)] : [];
  });
  const [first, last] = [timelines[0], timelines.at(-1)];
  if (!first || !last) return null;
  const target = ServiceDescription?.[0]?.Latency?.[0]?.target;
  return {
    live: type === "dynamic",
    dates,
    oldest: first.oldest,
    last_start: last.last_start,
    last_end: last.last_end,
    newest,
    target: target === undefined ? null : target / 1000,
  };
}

/**
 * Whether the newest Period of an MPD has video, but none that this browser can decode. dash.js would then play the audio alone.
 * `isSupported`: tells of a content type with its codec.
 */
export function isUndecodable(manifest: unknown, isSupported: (type: string) => boolean): boolean {
  const parsed = v.safeParse(CodecsSchema, manifest);
  const sets = parsed.success ? (parsed.output.Period.at(-1)?.AdaptationSet ?? []) : [];
  const video = sets.filter(({ mimeType }) => mimeType.startsWith("video/"));
  const types = video.flatMap(({ mimeType, Representation }) =>
    Representation.map(({ codecs }) => `${mimeType}; codecs="${codecs}"`),
  );
  return types.length > 0 && !types.some(isSupported);
}

/** ms since 1970 when the host's clock showed what is at a time of the stream's clock, s; that of the oldest before it. */
export function dateAt({ dates }: Pick<DashWindow, "dates">, time: number): number {
  const { zero = Number.NaN } = dates.findLast(({ from }) => from <= time) ?? dates[0] ?? {};
  return zero + time * 1000;
}

/** ms since 1970 of time 0, as its Period tells; the last is the host's own clock, where that was set since the stream began. */
function zeroOf(representation: Representation | undefined, start: number): number | null {
  const reference = representation?.ProducerReferenceTime?.at(-1);
  if (!representation || !reference) return null;
  const { timescale, presentationTimeOffset } = representation.SegmentTemplate;
  const presented = start + (reference.presentationTime - presentationTimeOffset) / timescale;
  return reference.wallClockTime.getTime() - presented * 1000;
}

/** What is listed ahead of its beginning doesn't count. */
function timesOf({ timescale, presentationTimeOffset, SegmentTimeline }: Template, start: number, newest: number) {
  const at = (tick: number) => start + (tick - presentationTimeOffset) / timescale;
  const oldest = at(SegmentTimeline.S[0]?.t ?? 0);
  let times = { oldest, last_start: oldest, last_end: oldest };
  let next = 0;
  for (const { t, d, r } of SegmentTimeline.S) {
    for (let begin = t ?? next, left = r; left >= 0; left--, begin = next) {
      next = begin + d;
      if (at(begin) < newest) times = { oldest, last_start: at(begin), last_end: at(next) };
    }
  }
  return times;
}
