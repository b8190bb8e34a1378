// The bodies of the control API on 127.0.0.1 and the file by which a program finds it.
import * as v from "valibot";
import { ErrorInWordsSchema } from "./errors.ts";
import { TabInWordsSchema, TabReferenceSchema } from "./native-messages.ts";
import { ShareSchema, StartRecordingOptionsSchema, StartStreamOptionsSchema } from "./options.ts";
import { QUALITIES } from "./profiles.ts";
import { RecordingInfoInWordsSchema, StreamInfoInWordsSchema } from "./results.ts";
import { TaskEventSchema } from "./task-messages.ts";

/** Schema of `<state_dir>/hosts/<pid>.json`, which a running host keeps, readable by its user alone. */
export const ControlFileSchema = v.object({
  pid: v.number(),
  port: v.number(),
  /** Bearer token. */
  token: v.string(),
  started_at: v.string(),
  host_version: v.string(),
  /** Left out: by a host of an older version. */
  session_id: v.optional(v.string()),
});
/** How a program finds a running host. */
export type ControlFile = v.InferOutput<typeof ControlFileSchema>;

/** Schema of the body of `POST /api/streams`, as it is described. */
export const StartStreamRequestSchema = v.strictObject({
  /** Left out: the tab in front. */
  tab: v.optional(TabReferenceSchema),
  options: v.optional(StartStreamOptionsSchema),
  /** A stream that follows goes only to tabs that the caller has admitted: there is something to be done to each before it is seen. */
  admit_tabs: v.optional(v.boolean(), false),
});

/** Schema of the same body as it is checked at once; its options are checked by the extension, whose errors name them. */
export const StartStreamBodySchema = v.strictObject({
  ...StartStreamRequestSchema.entries,
  options: v.optional(v.unknown(), {}),
});

/** Schema of the body of `POST /api/recordings`, as it is described. */
export const StartRecordingRequestSchema = v.strictObject({
  /** Left out: the tab in front. */
  tab: v.optional(TabReferenceSchema),
  options: v.optional(StartRecordingOptionsSchema),
});

/** Schema of the same body as it is checked at once. */
export const StartRecordingBodySchema = v.strictObject({
  ...StartRecordingRequestSchema.entries,
  options: v.optional(v.unknown(), {}),
});

/** Schema of the body of `PUT /api/streams/{id}/sharing`, as it is described. */
export const SetSharingRequestSchema = v.strictObject({ share: ShareSchema });
/** Schema of the same body as it is checked at once. */
export const SetSharingBodySchema = v.strictObject({ share: v.unknown() });

/** Schema of the body of `PUT /api/streams/{id}/quality`, as it is described. */
export const SetQualityRequestSchema = v.strictObject({ quality: v.picklist(QUALITIES) });
/** Schema of the same body as it is checked at once. */
export const SetQualityBodySchema = v.strictObject({ quality: v.unknown() });

/** Schema of an id of private time, made by whoever asks for it. */
export const PrivateIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
/** Schema of the body of `PUT /api/private/{private_id}`. */
export const BeginPrivateRequestSchema = v.strictObject({
  tab: TabReferenceSchema,
  /** The stream that the caller has begun in that tab, which may show another one now; left out: whatever is captured of the tab. */
  stream_id: v.optional(v.nullable(PrivateIdSchema), null),
});
/** Body of `PUT /api/private/{private_id}`. */
export type BeginPrivateRequest = v.InferOutput<typeof BeginPrivateRequestSchema>;
/** Schema of the answers of `PUT` and `DELETE /api/private/{private_id}`. */
export const PrivateResultSchema = v.object({ private_id: v.string(), private: v.boolean() });

/** Schema of the body of `POST /api/streams/{id}/admitted`. */
export const AdmitTabRequestSchema = v.strictObject({ tab: TabReferenceSchema });
/** Schema of its answer: Chrome's id of the tab. */
export const AdmitTabResultSchema = v.object({ tab_id: v.number() });

/** Schema of the body of `PUT /api/streams/{id}/notice`. */
export const NoticeSchema = v.strictObject({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  /** How long it is shown unless it is asked for again or deleted, s. */
  seconds: v.pipe(v.number(), v.minValue(1), v.maxValue(60)),
});
/** Words over the picture of a stream, for a while. */
export type Notice = v.InferOutput<typeof NoticeSchema>;
/** Schema of the answers of `PUT` and `DELETE /api/streams/{id}/notice`. */
export const NoticeResultSchema = v.object({ shown: v.boolean() });

/** Schema of the answer of `GET /api/wall`. */
export const WallSchema = v.object({ wall_url: v.pipe(v.string(), v.url()) });

/** Schema of the answer of `GET /api/tabs`. */
export const TabListSchema = v.object({ tabs: v.array(TabInWordsSchema) });
/** Schema of the answer of `GET /api/streams`: those that live. */
export const StreamListSchema = v.object({ streams: v.array(StreamInfoInWordsSchema) });

/** Schema of the answer of `GET /api/recordings`: those of this host's life, and those that others left. */
export const RecordingListSchema = v.object({ recordings: v.array(RecordingInfoInWordsSchema) });

/** Schema of the answer of `GET /healthz`, which needs no token. */
export const HealthzSchema = v.object({ status: v.literal("ok"), host_version: v.string() });

/** Schema of the server-sent event of the number of viewers. */
export const ViewersEventSchema = v.object({
  stream_id: v.string(),
  viewer_count: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** Names of the server-sent events of `GET /api/events`, each with its JSON. `Last-Event-ID` gives what was missed. */
export const CONTROL_EVENTS = {
  /** A stream began, ended, or its state or health changed. */
  stream: StreamInfoInWordsSchema,
  /** A task began, changed or ended. */
  task: TaskEventSchema,
  /** A viewer of a stream came or went; told at most once a second. */
  viewers: ViewersEventSchema,
  /** A recording began, is being finished (with its progress), or ended one way or the other. */
  recording: RecordingInfoInWordsSchema,
  /** So much was missed that it is no longer known: ask for everything anew. */
  reset: v.object({}),
} as const;
/** Name of an event of `GET /api/events`. */
export type ControlEventName = keyof typeof CONTROL_EVENTS;

/** Schema of an error as it leaves by HTTP (RFC 9457, application/problem+json). */
export const ProblemSchema = v.object({
  /** `urn:flybrowser-stream:` and the code. */
  type: v.string(),
  /** What happened. */
  title: v.string(),
  /** HTTP status. */
  status: v.number(),
  /** What happened, and what to do. */
  detail: v.string(),
  code: ErrorInWordsSchema.entries.code,
  /** The values in the sentence, by name. */
  details: ErrorInWordsSchema.entries.details,
  /** What to do. */
  fix: v.string(),
});
/** An error as it leaves by HTTP. */
export type Problem = v.InferOutput<typeof ProblemSchema>;
