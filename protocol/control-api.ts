// The bodies of the control API on 127.0.0.1 and the file by which a program finds it.
// Never holds the viewing paths.
import * as v from "valibot";
import { TabReferenceSchema, TabSchema } from "./native-messages.ts";
import { RecordingInfoSchema, StreamInfoSchema } from "./results.ts";
import { TaskEventSchema } from "./task-messages.ts";

/** Schema of `<state_dir>/hosts/<pid>.json`, which a running host keeps, readable by its user alone. */
export const ControlFileSchema = v.object({
  pid: v.number(),
  port: v.number(),
  /** Bearer token. */
  token: v.string(),
  started_at: v.string(),
  host_version: v.string(),
});
/** How a program finds a running host. */
export type ControlFile = v.InferOutput<typeof ControlFileSchema>;

/** Schema of the body of `POST /api/streams`. */
export const StartStreamBodySchema = v.strictObject({
  /** Left out: the tab in front. */
  tab: v.optional(TabReferenceSchema),
  options: v.optional(v.unknown(), {}),
});

/** Schema of the answer of `GET /api/tabs`. */
export const TabListSchema = v.object({ tabs: v.array(TabSchema) });
/** Schema of the answer of `GET /api/streams`: those that live. */
export const StreamListSchema = v.object({ streams: v.array(StreamInfoSchema) });

/** Schema of the answer of `GET /api/recordings`: those of this host's life, and those that others left. */
export const RecordingListSchema = v.object({ recordings: v.array(RecordingInfoSchema) });

/** Schema of the answer of `GET /healthz`, which needs no token. */
export const HealthzSchema = v.object({ status: v.literal("ok"), host_version: v.string() });

/** Names of the server-sent events of `GET /api/events`, each with its JSON. `Last-Event-ID` gives what was missed. */
export const CONTROL_EVENTS = {
  /** A stream began, ended, or its state or health changed. */
  stream: StreamInfoSchema,
  /** A task began, changed or ended. */
  task: TaskEventSchema,
  /** So much was missed that it is no longer known: ask for everything anew. */
  reset: v.object({}),
} as const;
/** Name of an event of `GET /api/events`. */
export type ControlEventName = keyof typeof CONTROL_EVENTS;

/** Schema of an error as it leaves by HTTP (RFC 9457, application/problem+json). */
export const ProblemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  fix: v.string(),
});
