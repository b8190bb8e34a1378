// What a paired page or extension gets to see of results: field by field, so that a new field stays hidden until it is named
// here.
import * as v from "valibot";
import {
  DestinationStatusInWordsSchema,
  RecordingInfoInWordsSchema,
  RecoveryMetricsSchema,
  StartStreamResultInWordsSchema,
  StreamInfoInWordsSchema,
  StreamMetricsSchema,
  StreamRecordingSchema,
  TaskSchema,
} from "./results.ts";

/** Fields that tell nothing of where a stream can be watched. */
const ANYBODYS = [
  ...(["stream_id", "session_id", "protocol", "quality", "codec", "status", "local_server_port"] as const),
  ...(["width", "height", "frame_rate", "encoder", "share"] as const),
] as const;
/** Where a stream can be watched: known to whoever started it alone. */
const OWNERS = [
  "hls_url",
  "dash_url",
  "rtmp_url",
  "player_url",
  "stream_url",
  "whep_url",
  "live_url",
  "share_note",
] as const;

/** Where else it goes: known to whoever started it alone. */
const destinations = v.array(
  v.pick(DestinationStatusInWordsSchema, [
    ...(["destination_id", "name", "url", "state", "since", "reconnects", "bytes_sent", "dropped_frames"] as const),
    "error",
  ]),
);

/** Schema of what a page sees of the stream that it has started. */
export const PageStartStreamResultSchema = v.object({
  ...v.pick(StartStreamResultInWordsSchema, [...ANYBODYS, ...OWNERS]).entries,
  destinations,
});

/** Schema of a task as a page sees it. */
export const PageTaskSchema = v.pick(TaskSchema, [
  ...(["task_id", "name", "state", "started_at", "ended_at", "detail", "parent_id"] as const),
]);

/** Schema of a stream's status without the links. */
export const PageStreamInfoWithoutLinksSchema = v.object({
  ...v.pick(StartStreamResultInWordsSchema, ANYBODYS).entries,
  ...v.pick(StreamInfoInWordsSchema, [
    ...(["state", "private", "muted", "health", "health_reasons", "started_at", "uptime_seconds"] as const),
    ...(["viewer_count", "playback"] as const),
  ]).entries,
  metrics: v.pick(StreamMetricsSchema, [
    ...(["frames_sent", "bytes_sent", "dropped_frames", "current_bitrate", "average_bitrate"] as const),
    ...(["current_fps", "buffer_health", "last_update"] as const),
  ]),
  recovery_metrics: v.pick(RecoveryMetricsSchema, [
    ...(["ffmpeg_restarts", "capture_restarts", "rtmp_reconnects", "last_recovery_time"] as const),
  ]),
  tasks: v.array(PageTaskSchema),
  ...v.pick(StreamInfoInWordsSchema, ["tasks_left_out"]).entries,
  /** Its `file_path` is the file's name alone. */
  recording: v.nullable(
    v.pick(StreamRecordingSchema, [
      ...(["recording_id", "status", "file_path", "format", "started_at", "duration_seconds", "size_bytes"] as const),
      "progress",
    ]),
  ),
});

/** Schema of a stream's status as a page sees it; of a stream that it has not started the links lead nowhere. */
export const PageStreamInfoSchema = v.object({
  ...PageStreamInfoWithoutLinksSchema.entries,
  ...v.pick(StreamInfoInWordsSchema, OWNERS).entries,
  destinations,
});
/** A stream's status as a page sees it. */
export type PageStreamInfo = v.InferOutput<typeof PageStreamInfoSchema>;

/** Schema of the result of a page's `getStreamStatus`. */
export const PageStreamStatusSchema = v.variant("active", [
  v.object({
    active: v.literal(true),
    is_streaming: v.literal(true),
    stream_id: v.string(),
    dropped_frames: v.nullable(v.number()),
    status: PageStreamInfoSchema,
  }),
  v.object({
    active: v.literal(false),
    is_streaming: v.literal(false),
    error: v.string(),
    /** The last status of a stream that has ended, for a minute. */
    status: v.optional(PageStreamInfoSchema),
  }),
]);
/** Result of a page's `getStreamStatus`. */
export type PageStreamStatus = v.InferOutput<typeof PageStreamStatusSchema>;

/** Schema of the result of a page's `stopStream`. */
export const PageStopStreamResultSchema = v.variant("success", [
  v.object({ stream_id: v.string(), success: v.literal(true), info: PageStreamInfoSchema }),
  v.object({ success: v.literal(false), error: v.string() }),
]);
/** Result of a page's `stopStream`. */
export type PageStopStreamResult = v.InferOutput<typeof PageStopStreamResultSchema>;

/** Schema of the result of a page's `startRecording`. Its `file_path` is the file's name alone. */
export const PageStartRecordingResultSchema = v.pick(RecordingInfoInWordsSchema, [
  ...(["recording_id", "status", "file_path", "format"] as const),
]);

/** Schema of the result of a page's `stopRecording`. Its `file_path` is the file's name alone. */
export const PageStopRecordingResultSchema = v.pick(RecordingInfoInWordsSchema, [
  ...(["recording_id", "status", "file_path", "format", "duration_seconds", "size_bytes", "chapters"] as const),
  ...(["chapters_left_out", "progress", "error"] as const),
]);
