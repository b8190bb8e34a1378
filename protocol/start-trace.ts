// The trace of a start: when each of its steps was done, in the service worker, the offscreen document and the host.
import * as v from "valibot";

/** The steps, in the order in which they usually are done, and what each of them means. Several are under way at the same time. */
export const START_STEPS = {
  asked: "the extension was asked",
  document: "the offscreen document is there",
  host: "the host has answered, with its FFmpeg",
  stream_id: "Chrome has given an id for the capture",
  opened: "the host has opened the stream",
  captured: "getUserMedia has given the tab",
  first_frame: "the first frame was captured",
  recorder: "the recorder has begun",
  first_slice: "the host has the recorder's first media",
  planned: "it is known who encodes",
  ffmpeg: "FFmpeg's first bytes",
  keyframe: "the first fragment, with its keyframe and the sound's beginning",
  part: "the first part that viewers can get",
  answered: "the host has answered that viewers get a picture",
} as const;

/** One of the {@link START_STEPS}. */
export type StartStep = keyof typeof START_STEPS;

/** When steps were done. */
export const StartMarksSchema = v.array(
  v.object({
    step: v.picklist(Object.keys(START_STEPS) as StartStep[]),
    /** ms since 1970, with fractions; by the machine's wall clock, so that marks of several processes fit together. */
    at: v.number(),
  }),
);
/** When steps were done. */
export type StartMarks = v.InferOutput<typeof StartMarksSchema>;

/** Schema of the answer of `GET /api/streams/{id}/trace`: earliest first. */
export const StartTraceSchema = v.object({ stream_id: v.string(), marks: StartMarksSchema });

/** Collects the marks of one start. */
export class StartTrace {
  readonly #at = new Map<StartStep, number>();

  /** A step is done now; only the first time counts. */
  mark(step: StartStep): void {
    if (!this.#at.has(step)) this.#at.set(step, performance.timeOrigin + performance.now());
  }

  /** Marks that another process has made. */
  add(marks: StartMarks): void {
    for (const { step, at } of marks) if (!this.#at.has(step)) this.#at.set(step, at);
  }

  /** All of them, earliest first. */
  get marks(): StartMarks {
    return [...this.#at].map(([step, at]) => ({ step, at })).sort((a, b) => a.at - b.at);
  }
}
