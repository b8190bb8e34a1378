// Clips: stretches of a live stream as files, out of what viewers can rewind to.
import * as v from "valibot";
import { FlyBrowserError } from "./errors.ts";
import { sentence, type Words } from "./sentence.ts";

/** Formats of a clip. */
export const CLIP_FORMATS = ["mp4", "gif", "png"] as const;
/** Seconds of a clip that doesn't say how long it is. */
const DEFAULT_SECONDS = 30;

/** Schema of the options of `clip`. */
export const ClipOptionsSchema = v.strictObject({
  /** The stretch of a task, from its begin to its end, or to now. */
  task_id: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))),
  /** The last so many seconds, or what there is of them; 30 by default. */
  seconds: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(3_600))),
  /** `png`: the picture at the end of a task, or that of so many seconds ago; left out: the newest. */
  format: v.optional(v.picklist(CLIP_FORMATS), "mp4"),
});
/** Options of `clip`. */
export type ClipOptions = v.InferInput<typeof ClipOptionsSchema>;
/** The same with defaults. */
export type ResolvedClipOptions = v.InferOutput<typeof ClipOptionsSchema>;

/** Schema of the result of `clip`. */
export const ClipResultSchema = v.object({
  file_path: v.string(),
  format: v.picklist(CLIP_FORMATS),
  /** 0: a single picture. */
  duration_seconds: v.number(),
  size_bytes: v.number(),
});
/** Result of `clip`. */
export type ClipResult = v.InferOutput<typeof ClipResultSchema>;

const ALLOWED: Readonly<Record<string, Words>> = {
  task_id: sentence("allowed.own_task"),
  seconds: sentence("allowed.clip_seconds"),
  format: CLIP_FORMATS.join(", "),
};

/** Checks the options of `clip`. @throws FlyBrowserError `invalid_option`, `unknown_option` */
export function parseClipOptions(input: unknown = {}): ResolvedClipOptions {
  const parsed = v.safeParse(ClipOptionsSchema, input);
  if (parsed.success) {
    const { task_id, seconds, format } = parsed.output;
    if (task_id !== undefined && seconds !== undefined) {
      const allowed = sentence("allowed.clip_task_or_seconds");
      throw new FlyBrowserError("invalid_option", { option: "seconds", value: String(seconds), allowed });
    }
    if (task_id !== undefined || seconds !== undefined || format === "png") return parsed.output;
    return { ...parsed.output, seconds: DEFAULT_SECONDS };
  }
  const [{ path }] = parsed.issues;
  const option = String(path?.[0]?.key ?? "options");
  const allowed = ALLOWED[option];
  if (option !== "options" && !allowed)
    throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(ALLOWED).join(", ") });
  const value = option === "options" ? input : (input as Record<string, unknown>)[option];
  throw new FlyBrowserError("invalid_option", {
    ...{ option, value: JSON.stringify(value) ?? String(value) },
    allowed: allowed ?? sentence("allowed.object"),
  });
}
