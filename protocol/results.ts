// What startStream, stopStream, getStreamStatus and the calls about recordings give back. Field names are the public contract.
// No secret has a field here: addresses of destinations come without their keys.
import * as v from "valibot";
import { ClipResultSchema } from "./clips.ts";
import { ControlStatusSchema } from "./control-messages.ts";
import { ErrorInWordsSchema, SerializedErrorSchema } from "./errors.ts";
import { LinkStatusSchema } from "./links.ts";
import { CODECS, PROTOCOLS, RECORDING_FORMATS, ShareSchema } from "./options.ts";
import { QUALITIES } from "./profiles.ts";
import { sentence, WordsSchema } from "./sentence.ts";

/** States of a stream. */
export const STREAM_STATES = ["initializing", "active", "recovering", "stopped", "error"] as const;
/** How a capture can be doing. `lost`: it is made again. `crashed`, `discarded`: its page is gone until it is loaded again. */
export const CAPTURE_CONDITIONS = ["running", "lost", "crashed", "discarded"] as const;
/** How a capture is doing. */
export type CaptureCondition = (typeof CAPTURE_CONDITIONS)[number];
/**
 * Where a program works, seen from the tab that viewers see. `not_capturable`: in a page that Chrome lets nobody capture.
 * `not_invoked`: in a tab that a stream in a person's browser can't go along to, since Chrome wants a click in it first.
 */
export const PLACES = ["here", "another_tab", "not_capturable", "not_invoked"] as const;
/** Where a program works, seen from the tab that viewers see. */
export type Place = (typeof PLACES)[number];
/** Health of a stream. */
export const HEALTHS = ["healthy", "degraded", "unhealthy"] as const;

const Url = v.pipe(v.string(), v.url());
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Figure = v.nullable(v.number());

/**
 * States of a destination. `retrying`: lost or not there yet, it is tried again. `failed`: it was refused, it is not tried
 * again. `ended`: with the stream, or taken away.
 */
export const DESTINATION_STATES = ["connecting", "live", "retrying", "failed", "ended"] as const;

/** Schema of the measured figures; `null` where a figure can't be known. */
export const StreamMetricsSchema = v.object({
  frames_sent: Figure,
  bytes_sent: Figure,
  dropped_frames: Figure,
  /** bit/s over the last seconds. */
  current_bitrate: Figure,
  /** bit/s since the start. */
  average_bitrate: Figure,
  current_fps: Figure,
  /** Percent of the queue towards FFmpeg that is free. */
  buffer_health: Figure,
  /** ISO 8601 time of the last media that arrived. */
  last_update: v.nullable(v.string()),
});
/** Measured figures of a stream. */
export type StreamMetrics = v.InferOutput<typeof StreamMetricsSchema>;

/** Schema of what viewers' players report of their playback (CMCD version 2). */
export const PlaybackQualitySchema = v.object({
  /** That have reported in the last 25 s. */
  players: Count,
  /** Of those, how many wait for media at the moment. */
  rebuffering: Count,
  /** ms from capture to display: half of the players have less, and 95 of 100; `null`: none plays. */
  latency_ms: v.nullable(v.number()),
  latency_p95_ms: v.nullable(v.number()),
  /** Of all players since the start: how often they had to wait, and for how long in all. */
  rebuffers: Count,
  rebuffering_ms: Count,
  dropped_frames: Count,
});
/** What viewers' players report of their playback. */
export type PlaybackQuality = v.InferOutput<typeof PlaybackQualitySchema>;

/** Schema of what was repaired while live. */
export const RecoveryMetricsSchema = v.object({
  ffmpeg_restarts: Count,
  capture_restarts: Count,
  rtmp_reconnects: Count,
  last_recovery_time: v.nullable(v.string()),
});
/** What was repaired while live. */
export type RecoveryMetrics = v.InferOutput<typeof RecoveryMetricsSchema>;

/** Schema of a task of an agent on the stream's clock. */
export const TaskSchema = v.object({
  task_id: v.string(),
  name: v.string(),
  state: v.picklist(["running", "done", "failed"]),
  /** ISO 8601, on the stream's clock: media time 0 is the stream's `started_at`. */
  started_at: v.string(),
  /** ISO 8601; `null` while it runs. */
  ended_at: v.nullable(v.string()),
  /** What it is doing, or why it failed. */
  detail: v.nullable(v.string()),
  /** The task that it is a part of. */
  parent_id: v.nullable(v.string()),
  /** Who had taken over the page when it began; left out: nobody. */
  controlled_by: v.optional(v.string()),
  /** The file of it, where one was asked for as it ended. Viewers aren't told. */
  clip: v.optional(ClipResultSchema),
});
/** A task of an agent on the stream's clock. */
export type Task = v.InferOutput<typeof TaskSchema>;

/**
 * States of a recording. `interrupted`: what recorded it died, it waits to be finished. `recovered`: finished by a later
 * host. `failed`: it could not be finished; its media are kept.
 */
export const RECORDING_STATUSES = ["recording", "finishing", "finished", "interrupted", "recovered", "failed"] as const;

/** Schema of a chapter of a recording: what a task was. */
export const ChapterSchema = v.object({ title: v.string(), start_seconds: v.number(), end_seconds: v.number() });
/** A chapter of a recording. */
export type Chapter = v.InferOutput<typeof ChapterSchema>;

/** The fields of a recording that have no sentence in them. */
const RECORDING = {
  recording_id: v.string(),
  stream_id: v.string(),
  status: v.picklist(RECORDING_STATUSES),
  /** Where the file is, or will be once it is finished. */
  file_path: v.string(),
  format: v.picklist(RECORDING_FORMATS),
  title: v.string(),
  url: v.string(),
  /** ISO 8601. */
  started_at: v.string(),
  duration_seconds: v.number(),
  /** Of the media so far, then of the file. */
  size_bytes: Count,
  chapters: v.array(ChapterSchema),
  /** How many chapters, the oldest, are not told here, or not kept; left out: none. `GET /api/recordings/{id}` has all that are kept. */
  chapters_left_out: v.optional(Count),
  /** How much of the finishing is done, 0 to 1; `null`: it is not being finished. */
  progress: v.nullable(v.number()),
  /** The recording of the same tab that this one goes on with, because another process finishes it already. */
  continued_from: v.optional(v.string()),
};

/** Schema of what a stream's status says of its recording. */
export const StreamRecordingSchema = v.pick(v.object(RECORDING), [
  ...(["recording_id", "status", "file_path", "format", "started_at", "duration_seconds", "size_bytes"] as const),
  "progress",
]);
/** What a stream's status says of its recording. */
export type StreamRecording = v.InferOutput<typeof StreamRecordingSchema>;

/** Schema of the result of `startRecording`. */
export const StartRecordingResultSchema = v.pick(v.object(RECORDING), [
  "recording_id",
  "status",
  "file_path",
  "format",
]);
/** Result of `startRecording`. */
export type StartRecordingResult = v.InferOutput<typeof StartRecordingResultSchema>;

/** The schemas of all that has sentences in it. */
function results<Text extends v.GenericSchema, Failure extends v.GenericSchema>(text: Text, failure: Failure) {
  const DestinationStatus = v.object({
    destination_id: v.string(),
    name: v.string(),
    /** Without a secret. */
    url: v.string(),
    state: v.picklist(DESTINATION_STATES),
    /** ISO 8601: since when it is in that state. */
    since: v.string(),
    /** How often it has come back. */
    reconnects: Count,
    /** Bytes that the network has taken. */
    bytes_sent: Count,
    /** Video frames that did not get there. */
    dropped_frames: Count,
    /** What keeps it from being well, or has ended it. */
    error: v.nullable(text),
  });
  const StartStreamResult = v.object({
    stream_id: v.string(),
    /** One per connection of a browser to the host. */
    session_id: v.string(),
    protocol: v.picklist(PROTOCOLS),
    quality: v.picklist(QUALITIES),
    codec: v.picklist(CODECS),
    /** The state, as a word. */
    status: v.picklist(STREAM_STATES),
    hls_url: v.nullable(Url),
    dash_url: v.nullable(Url),
    /** Without the key. */
    rtmp_url: v.nullable(v.string()),
    /** With `share: "internet"` it may be a destination's `watch_url`. */
    player_url: Url,
    /** The first choice of the three for `protocol`. */
    stream_url: v.string(),
    local_server_port: Count,
    /** px */
    width: Count,
    /** px */
    height: Count,
    /** Frames a second that were asked for. */
    frame_rate: v.number(),
    whep_url: v.nullable(Url),
    /** The WebSocket of the live engine: see protocol/live-messages.ts. */
    live_url: v.nullable(Url),
    /** `passthrough`, or the name of FFmpeg's encoder. */
    encoder: v.string(),
    /** Who can open the links now. */
    share: ShareSchema,
    /** The same in a sentence, to stand beside the link: with what may still keep others out. */
    share_note: text,
    /** Where else it goes, that of `rtmp_url` first. */
    destinations: v.array(DestinationStatus),
  });
  const RecordingInfo = v.object({
    ...RECORDING,
    /** The finished file isn't in its place any more; left out: it is, or isn't finished. */
    file_gone: v.optional(v.boolean()),
    /** Why it ended before it was asked to, or could not be finished. */
    error: v.nullable(failure),
  });
  const StreamInfo = v.object({
    ...StartStreamResult.entries,
    /** By the first link that there is; `null`: all have expired or were revoked. So are the other addresses then. */
    player_url: v.nullable(Url),
    stream_url: v.nullable(v.string()),
    /** The one of `startStream` first; without those that have expired or were revoked. */
    links: v.array(LinkStatusSchema),
    /** Whether a person is asked to take over, or has; left out: neither. */
    control: v.optional(ControlStatusSchema),
    state: v.picklist(STREAM_STATES),
    /** The tab is private at the moment: viewers and recordings have a neutral picture and silence of it. */
    private: v.optional(v.boolean(), false),
    /** The tab's user has muted it; what viewers hear then is for `muted_tab` to say. */
    muted: v.optional(v.boolean(), false),
    health: v.picklist(HEALTHS),
    health_reasons: v.array(text),
    /** ISO 8601. */
    started_at: v.string(),
    uptime_seconds: v.number(),
    viewer_count: Count,
    /** What viewers' players report; `null`: none does. */
    playback: v.nullable(PlaybackQualitySchema),
    metrics: StreamMetricsSchema,
    recovery_metrics: RecoveryMetricsSchema,
    tasks: v.array(TaskSchema),
    /** How many tasks, the oldest, are not told here: a stream keeps 200, and a message is bounded; left out: none. */
    tasks_left_out: v.optional(Count),
    /** What is being recorded of the same tab, or made into its file; `null`: nothing. */
    recording: v.nullable(StreamRecordingSchema),
  });
  const StreamStatus = v.variant("active", [
    v.object({
      active: v.literal(true),
      is_streaming: v.literal(true),
      stream_id: v.string(),
      dropped_frames: Figure,
      status: StreamInfo,
    }),
    v.object({
      active: v.literal(false),
      is_streaming: v.literal(false),
      error: v.string(),
      /** The last status of a stream that has ended, for a minute. */
      status: v.optional(StreamInfo),
    }),
  ]);
  const StopStreamResult = v.variant("success", [
    v.object({ stream_id: v.string(), success: v.literal(true), info: StreamInfo }),
    v.object({ success: v.literal(false), error: v.string() }),
  ]);
  const StopRecordingResult = v.pick(RecordingInfo, [
    ...(["recording_id", "status", "file_path", "format", "duration_seconds", "size_bytes", "chapters"] as const),
    ...(["chapters_left_out", "progress", "error"] as const),
  ]);
  return {
    DestinationStatus,
    StartStreamResult,
    RecordingInfo,
    StreamInfo,
    StreamStatus,
    StopStreamResult,
    StopRecordingResult,
  };
}

const inside = results(WordsSchema, SerializedErrorSchema);
/** The same as people and programs outside get it: text in place of sentences. */
const inWords = results(v.string(), ErrorInWordsSchema);

/** Schema of how a destination is doing, between our own processes. */
export const DestinationStatusSchema = inside.DestinationStatus;
/** How a destination is doing, between our own processes. */
export type DestinationStatus = v.InferOutput<typeof DestinationStatusSchema>;
/** Schema of how a destination is doing, in words. */
export const DestinationStatusInWordsSchema = inWords.DestinationStatus;
/** How a destination is doing, in words. */
export type DestinationStatusInWords = v.InferOutput<typeof DestinationStatusInWordsSchema>;

/** Schema of the result of `startStream`, between our own processes. */
export const StartStreamResultSchema = inside.StartStreamResult;
/** Result of `startStream`, between our own processes. */
export type StartStreamResult = v.InferOutput<typeof StartStreamResultSchema>;
/** Schema of the result of `startStream`, in words. */
export const StartStreamResultInWordsSchema = inWords.StartStreamResult;
/** Result of `startStream`, in words. */
export type StartStreamResultInWords = v.InferOutput<typeof StartStreamResultInWordsSchema>;

/** How the file of a recording is opened. `play`: in a player. `show`: its folder, with the file selected where the system can do that. */
export const WAYS_TO_OPEN = ["play", "show"] as const;
export type WayToOpen = (typeof WAYS_TO_OPEN)[number];

/** Schema of all that is known of a recording, between our own processes. */
export const RecordingInfoSchema = inside.RecordingInfo;
/** All that is known of a recording, between our own processes. */
export type RecordingInfo = v.InferOutput<typeof RecordingInfoSchema>;
/** Schema of all that is known of a recording, in words. */
export const RecordingInfoInWordsSchema = inWords.RecordingInfo;
/** All that is known of a recording, in words. */
export type RecordingInfoInWords = v.InferOutput<typeof RecordingInfoInWordsSchema>;

/** Schema of the whole status of a stream, between our own processes. */
export const StreamInfoSchema = inside.StreamInfo;
/** The whole status of a stream, between our own processes. */
export type StreamInfo = v.InferOutput<typeof StreamInfoSchema>;
/** Schema of the whole status of a stream, in words. */
export const StreamInfoInWordsSchema = inWords.StreamInfo;
/** The whole status of a stream, in words. */
export type StreamInfoInWords = v.InferOutput<typeof StreamInfoInWordsSchema>;

/** Schema of the result of `getStreamStatus`, between our own processes. */
export const StreamStatusSchema = inside.StreamStatus;
/** Result of `getStreamStatus`, between our own processes. */
export type StreamStatus = v.InferOutput<typeof StreamStatusSchema>;
/** Schema of the result of `getStreamStatus`, in words. */
export const StreamStatusInWordsSchema = inWords.StreamStatus;
/** Result of `getStreamStatus`, in words. */
export type StreamStatusInWords = v.InferOutput<typeof StreamStatusInWordsSchema>;

/** Schema of the result of `stopStream`, between our own processes. */
export const StopStreamResultSchema = inside.StopStreamResult;
/** Result of `stopStream`, between our own processes. */
export type StopStreamResult = v.InferOutput<typeof StopStreamResultSchema>;
/** Schema of the result of `stopStream`, in words. */
export const StopStreamResultInWordsSchema = inWords.StopStreamResult;
/** Result of `stopStream`, in words. */
export type StopStreamResultInWords = v.InferOutput<typeof StopStreamResultInWordsSchema>;

/** Schema of the result of `stopRecording`, between our own processes. */
export const StopRecordingResultSchema = inside.StopRecordingResult;
/** Result of `stopRecording`, between our own processes. */
export type StopRecordingResult = v.InferOutput<typeof StopRecordingResultSchema>;
/** Schema of the result of `stopRecording`, in words. */
export const StopRecordingResultInWordsSchema = inWords.StopRecordingResult;
/** Result of `stopRecording`, in words. */
export type StopRecordingResultInWords = v.InferOutput<typeof StopRecordingResultInWordsSchema>;

/** The answers when nothing runs. */
export const NO_STREAM_STATUS = {
  active: false,
  is_streaming: false,
  error: "No active stream",
} as const satisfies StreamStatus;
/** The answer of `stopStream` when nothing runs. */
export const NO_STREAM_STOP = { success: false, error: "No active stream" } as const satisfies StopStreamResult;

/** What is told of a stream whose host has died, until the next host has it. `last`: what that one told last. */
export function recoveringInfo(last: StreamInfo): StreamInfo {
  const health_reasons = [sentence("health.recovering", { reason: sentence("health.next_host") })];
  return { ...last, state: "recovering", status: "recovering", health: "degraded", health_reasons };
}

/** The same as an answer of `getStreamStatus`. */
export function recoveringStatus(last: StreamInfo): StreamStatus {
  const { stream_id, metrics } = last;
  const { dropped_frames } = metrics;
  return { active: true, is_streaming: true, stream_id, dropped_frames, status: recoveringInfo(last) };
}
