// How a task of an agent is begun and changed, over the control API and over native messaging alike.
import * as v from "valibot";
import { type ErrorCode, FlyBrowserError } from "./errors.ts";
import { TaskSchema } from "./results.ts";
import { sentence, type Words } from "./sentence.ts";

/** Characters of a task's name that are kept: an agent's instruction may be a page long. */
export const MAX_TASK_NAME = 200;
/** Characters of a task's detail that are kept. */
export const MAX_TASK_DETAIL = 500;
/** Tasks that are kept of a stream; above it the oldest that have ended are forgotten. */
export const MAX_TASKS = 200;

const cut = (most: number) => (text: string) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const Name = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.transform(cut(MAX_TASK_NAME)));
const Detail = v.nullable(v.pipe(v.string(), v.transform(cut(MAX_TASK_DETAIL))));
const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const Time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), "it must be an ISO 8601 time"),
);

/** Schema of the body of `POST /api/streams/:id/tasks`. */
export const BeginTaskSchema = v.strictObject({
  /** Cut after 200 characters. */
  name: Name,
  /** Cut after 500 characters. */
  detail: v.optional(Detail, null),
  /** The task that this one is a part of. */
  parent_id: v.optional(v.nullable(Id), null),
  /** Left out: a new one. The id of a task that is there gives that task, unchanged. */
  task_id: v.optional(Id),
  /** ISO 8601. Left out, or in the future: now. */
  started_at: v.optional(Time),
});
/** What begins a task. */
export type BeginTask = v.InferInput<typeof BeginTaskSchema>;

/** Schema of what changes a task. */
export const UpdateTaskSchema = v.strictObject({
  /** Ends the task. Of one that has ended nothing changes any more. */
  state: v.optional(v.picklist(["done", "failed"])),
  detail: v.optional(Detail),
  /** ISO 8601, with `state`. Left out, or in the future: now. */
  ended_at: v.optional(Time),
});
/** What changes a task. */
export type UpdateTask = v.InferInput<typeof UpdateTaskSchema>;

/** Schema of the body of `PATCH /api/streams/:id/tasks/:task_id` in the control API, where a file can be asked for as well. */
export const UpdateTaskRequestSchema = v.strictObject({
  ...UpdateTaskSchema.entries,
  /** Makes an MP4 of the task, which has ended or ends by this; `clip` of the task names it. One that is there isn't made again. */
  clip: v.optional(v.boolean(), false),
});
/** What changes a task over the control API. */
export type UpdateTaskRequest = v.InferInput<typeof UpdateTaskRequestSchema>;

/** Schema of the server-sent event of a task: it has begun, changed or ended. */
export const TaskEventSchema = v.object({ stream_id: v.string(), task: TaskSchema });
/** Something that happened to a task. */
export type TaskEvent = v.InferOutput<typeof TaskEventSchema>;

/**
 * Checks what a caller wants to do with a task.
 * @throws FlyBrowserError `invalid_option` or `unknown_option`, naming the field.
 */
export function parseTaskMessage<
  S extends typeof BeginTaskSchema | typeof UpdateTaskSchema | typeof UpdateTaskRequestSchema,
>(schema: S, input: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const option = String(issue.path?.[0]?.key ?? "task");
  const known = Object.keys(schema.entries);
  const code: ErrorCode = known.includes(option) || option === "task" ? "invalid_option" : "unknown_option";
  const value = JSON.stringify(issue.input)?.slice(0, 120) ?? sentence("value.left_out");
  const allowed = code === "unknown_option" ? known.join(", ") : (ALLOWED[option] ?? sentence("allowed.object"));
  throw new FlyBrowserError(code, { option, value, allowed });
}

const ALLOWED: Readonly<Record<string, Words>> = {
  name: sentence("allowed.not_empty"),
  detail: sentence("allowed.string_or_null"),
  parent_id: sentence("allowed.parent_task"),
  task_id: sentence("allowed.task_id"),
  started_at: sentence("allowed.time"),
  ended_at: sentence("allowed.time"),
  state: "done, failed",
  clip: "true, false",
};
