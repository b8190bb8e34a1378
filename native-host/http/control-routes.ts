// The routes of the control API, described: what they take, how they respond, which errors they have. The OpenAPI document, its
// page and the 405 for other methods are made of it.
import type { ErrorCode } from "../../protocol/errors.ts";
import type { SchemaName } from "./control-schemas.ts";

/** One route. */
export interface RouteDescription {
  readonly operation: string;
  readonly summary: string;
  readonly description?: string;
  /** It needs no token. */
  readonly open?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly schema: SchemaName; readonly required: boolean };
  /** By status: the name of a schema, or the media type of what isn't JSON by one of them. */
  readonly responses: Readonly<Record<number, { readonly schema: SchemaName } | { readonly type: string }>>;
  /** Besides those that every route has. */
  readonly errors: readonly ErrorCode[];
}

/** Errors of every route that needs the token. */
export const COMMON_ERRORS = ["unauthorized", "wrong_host", "internal"] as const satisfies readonly ErrorCode[];
const BODY = ["invalid_request", "content_type_unsupported", "body_too_large"] as const satisfies readonly ErrorCode[];
const OPTIONS = ["invalid_option", "unknown_option"] as const satisfies readonly ErrorCode[];
const EXTENSION = ["host_lost", "timeout"] as const satisfies readonly ErrorCode[];

/** Every route, by method and path; parameters in the path are written as in OpenAPI. */
export const CONTROL_ROUTES: Readonly<Record<string, RouteDescription>> = {
  "GET /healthz": {
    operation: "getHealth",
    summary: "Whether the host is up, and its version",
    open: true,
    responses: { 200: { schema: "Healthz" } },
    errors: [],
  },
  "GET /metrics": {
    operation: "getMetrics",
    summary: "Metrics in Prometheus' text format",
    description: "With FLYBROWSER_METRICS=open in the environment of the host, no token is needed.",
    responses: { 200: { type: "text/plain" } },
    errors: [],
  },
  "GET /api/openapi.json": {
    operation: "getOpenApi",
    summary: "This document",
    open: true,
    responses: { 200: { type: "application/json" } },
    errors: [],
  },
  "GET /api/docs": {
    operation: "getDocs",
    summary: "This document as a page for people",
    open: true,
    responses: { 200: { type: "text/html" } },
    errors: [],
  },
  "GET /api/tabs": {
    operation: "listTabs",
    summary: "The tabs of the browser, with those that can't be captured and why",
    responses: { 200: { schema: "TabList" } },
    errors: [...EXTENSION],
  },
  "GET /api/wall": {
    operation: "getWall",
    summary: "The link to the page of all streams, one picture a second of each",
    responses: { 200: { schema: "Wall" } },
    errors: [],
  },
  "GET /api/streams": {
    operation: "listStreams",
    summary: "The live streams",
    responses: { 200: { schema: "StreamList" } },
    errors: [],
  },
  "POST /api/streams": {
    operation: "startStream",
    summary: "Start the stream of a tab",
    description:
      "Responds once a viewer who opens player_url gets video. Without `tab`: the tab in front. Unless a program has started " +
      "the browser for this purpose, Chrome allows it only for a tab whose FlyBrowser Stream button was clicked (tab_not_invoked).",
    body: { schema: "StartStreamRequest", required: true },
    responses: { 201: { schema: "StartStreamResult" } },
    errors: [
      ...BODY,
      ...OPTIONS,
      ...(["tab_not_found", "tab_not_capturable", "tab_not_invoked", "stream_already_active"] as const),
      "start_stopped",
      ...(["unsupported_combination", "ffmpeg_not_found", "ffmpeg_failed", "capture_failed", "no_media"] as const),
      ...(["rtmp_unreachable", "rtmp_tls_failed", "rtmp_refused", "rtmp_timeout"] as const),
      ...(["share_unavailable", "setting_invalid", "port_taken"] as const),
      ...EXTENSION,
    ],
  },
  "POST /api/streams/{id}/admitted": {
    operation: "admitTab",
    summary: "Let viewers of a stream see a tab, once it is in front",
    description:
      "For a stream that was started with `admit_tabs` and follows. Others see any tab that comes to the front.",
    body: { schema: "AdmitTabRequest", required: true },
    responses: { 200: { schema: "AdmitTabResult" } },
    errors: [...BODY, "invalid_option", "no_active_stream", "tab_not_found", ...EXTENSION],
  },
  "PUT /api/streams/{id}/notice": {
    operation: "showNotice",
    summary: "Show words over the picture, to all viewers and in recordings",
    description:
      "For what the page can't draw itself: a dialog that is open. It is in the picture until it is deleted or `seconds` are over; asked " +
      "again, it stays longer. Nothing of it is shown in private time.",
    body: { schema: "Notice", required: true },
    responses: { 200: { schema: "NoticeResult" } },
    errors: [...BODY, "no_active_stream", ...EXTENSION],
  },
  "DELETE /api/streams/{id}/notice": {
    operation: "hideNotice",
    summary: "Take them out of the picture",
    responses: { 200: { schema: "NoticeResult" } },
    errors: ["no_active_stream", ...EXTENSION],
  },
  "GET /api/streams/{id}": {
    operation: "getStreamStatus",
    summary: "The status of a stream; its last one for a minute after it has ended",
    responses: { 200: { schema: "StreamStatus" } },
    errors: ["no_active_stream"],
  },
  "GET /api/streams/{id}/trace": {
    operation: "getStartTrace",
    summary: "When each step of a stream's start was done",
    responses: { 200: { schema: "StartTrace" } },
    errors: ["no_active_stream"],
  },
  "DELETE /api/streams/{id}": {
    operation: "stopStream",
    summary: "Stop a stream",
    description: "`success` is false for one that has just ended; calling it twice does no harm.",
    responses: { 200: { schema: "StopStreamResult" } },
    errors: ["no_active_stream", ...EXTENSION],
  },
  "POST /api/streams/{id}/destinations": {
    operation: "addDestination",
    summary: "Have a live stream go to one more place",
    description: "Responds at once; the status of the stream, and the `stream` events, tell how it goes on.",
    body: { schema: "DestinationOptions", required: true },
    responses: { 201: { schema: "DestinationStatus" } },
    errors: [...BODY, ...OPTIONS, "no_active_stream", "unsupported_combination", ...EXTENSION],
  },
  "DELETE /api/streams/{id}/destinations/{destination_id}": {
    operation: "removeDestination",
    summary: "Take leave of a destination; its last status",
    responses: { 200: { schema: "DestinationStatus" } },
    errors: ["no_active_stream", "destination_not_found", ...EXTENSION],
  },
  "PUT /api/streams/{id}/sharing": {
    operation: "setSharing",
    summary: "Change who can open the links of a stream",
    description:
      "Responds once the new link was tried, with the status as it is then. Where the link can't be had, the stream stays shared " +
      "as it was.",
    body: { schema: "SetSharingRequest", required: true },
    responses: { 200: { schema: "StreamInfo" } },
    errors: [...BODY, "invalid_option", "no_active_stream", "share_unavailable", "setting_invalid"],
  },
  "PUT /api/streams/{id}/quality": {
    operation: "setQuality",
    summary: "Change the quality of a stream while it is live",
    description:
      "Responds once viewers get a picture in it, with the status as it is then. Links, viewers, recording and destinations go on. Not " +
      "into `lossless` or out of it. Where Chrome wouldn't let the tab be captured anew (tab_not_invoked), the stream stays as it was.",
    body: { schema: "SetQualityRequest", required: true },
    responses: { 200: { schema: "StreamInfo" } },
    errors: [
      ...BODY,
      ...(["invalid_option", "no_active_stream", "unsupported_combination", "tab_not_invoked"] as const),
      ...(["tab_not_capturable", "capture_failed", "no_media"] as const),
      ...EXTENSION,
    ],
  },
  "POST /api/streams/{id}/links": {
    operation: "createLink",
    summary: "Make one more link of a stream",
    description: "The status of the stream lists all of them, with how many watch by each.",
    body: { schema: "CreateLinkOptions", required: false },
    responses: { 201: { schema: "CreateLinkResult" } },
    errors: [...BODY, ...OPTIONS, "no_active_stream", "too_many_links"],
  },
  "DELETE /api/streams/{id}/links/{link_id}": {
    operation: "revokeLink",
    summary: "End a link at once, and what is open by it",
    responses: { 200: { schema: "RevokeLinkResult" } },
    errors: ["no_active_stream", "link_not_found"],
  },
  "POST /api/streams/{id}/control": {
    operation: "openControl",
    summary: "Ask a person to take over the page, or allow it",
    description:
      "With `reason` a hand-off: it is over when the person is done, declines, or after `timeout` seconds. Without: whoever has a link " +
      "that allows control may take over at any time. It lasts as long as the connection, on which come the events `taken`, `released`, " +
      "`input` (what the person does, for the program to carry out) and, last, `ended` with `outcome` and `note`.",
    body: { schema: "HandOffOptions", required: true },
    responses: { 200: { type: "text/event-stream" } },
    errors: [...BODY, ...OPTIONS, "no_active_stream", "no_control_link", "hand_off_active"],
  },
  "POST /api/streams/{id}/control/picker": {
    operation: "showPicker",
    summary: "Have the person choose in a control, or answer a dialog, that the browser would draw outside of the page",
    description:
      "The choice comes as an `input` event of type `picked`: of a dialog `value` is `null` for Cancel, else what was entered, which may be " +
      "empty. `shown` is false where nobody has control.",
    body: { schema: "Picker", required: true },
    responses: { 200: { schema: "Shown" } },
    errors: [...BODY, "no_active_stream"],
  },
  "DELETE /api/streams/{id}/control/picker": {
    operation: "hidePicker",
    summary: "Show the person that control or dialog no more",
    description: "It was answered otherwise, or is gone with its page.",
    responses: { 200: { schema: "Shown" } },
    errors: ["no_active_stream"],
  },
  "POST /api/streams/{id}/recording": {
    operation: "startRecording",
    summary: "Record a stream, from the same encoding",
    body: { schema: "StartRecordingOptions", required: false },
    responses: { 201: { schema: "StartRecordingResult" } },
    errors: [
      ...BODY,
      ...OPTIONS,
      ...(["no_active_stream", "recording_already_active", "unsupported_combination"] as const),
      ...(["recording_path_unusable", "disk_full"] as const),
    ],
  },
  "DELETE /api/streams/{id}/recording": {
    operation: "stopRecording",
    summary: "End the recording of a stream",
    description: "202: its file is still being made; ask GET /api/recordings/{id}, or listen to the events.",
    responses: { 200: { schema: "StopRecordingResult" }, 202: { schema: "StopRecordingResult" } },
    errors: ["no_active_recording", "recording_failed"],
  },
  "POST /api/streams/{id}/clips": {
    operation: "makeClip",
    summary: "Make a file of the last seconds of a stream, or of a task, without stopping anything",
    description:
      "Out of what viewers can rewind to. Responds once the file is there, beside the recordings. MP4 isn't encoded again but for the " +
      "first group of pictures, GIF has 8 MiB at most, PNG is a single picture.",
    body: { schema: "ClipOptions", required: true },
    responses: { 201: { schema: "ClipResult" } },
    errors: [
      ...BODY,
      ...OPTIONS,
      ...([
        "no_active_stream",
        "task_not_found",
        "clip_unavailable",
        "clip_failed",
        "recording_path_unusable",
      ] as const),
    ],
  },
  "POST /api/recordings": {
    operation: "recordTab",
    summary: "Record a tab, with its stream or without one",
    description:
      "A tab that isn't streamed is captured for the recording alone: nobody can see it. Streams of the tab may begin and end " +
      "meanwhile; the recording goes on. Without `tab`: the tab in front. Chrome's rule of POST /api/streams holds here too.",
    body: { schema: "StartRecordingRequest", required: true },
    responses: { 201: { schema: "StartRecordingResult" } },
    errors: [
      ...BODY,
      ...OPTIONS,
      ...(["tab_not_found", "tab_not_capturable", "tab_not_invoked", "recording_already_active"] as const),
      ...(["unsupported_combination", "ffmpeg_not_found", "ffmpeg_failed", "capture_failed", "no_media"] as const),
      ...(["recording_path_unusable", "disk_full"] as const),
      ...EXTENSION,
    ],
  },
  "POST /api/recordings/{id}/stop": {
    operation: "endRecording",
    summary: "End a recording",
    description:
      "A tab that is only recorded is let go. Of one that has ended already it tells what there is; if its tab is recorded on " +
      "into another file, that recording is ended and told of. 202: its file is still being made; ask " +
      "GET /api/recordings/{id} with the recording_id of the response, or listen to the events.",
    responses: { 200: { schema: "StopRecordingResult" }, 202: { schema: "StopRecordingResult" } },
    errors: ["recording_not_found", "recording_elsewhere", "recording_failed", ...EXTENSION],
  },
  "GET /api/recordings": {
    operation: "listRecordings",
    summary: "The known recordings of the user, newest first",
    responses: { 200: { schema: "RecordingList" } },
    errors: [],
  },
  "GET /api/recordings/{id}": {
    operation: "getRecording",
    summary: "What is known of a recording",
    responses: { 200: { schema: "RecordingInfo" } },
    errors: ["recording_not_found"],
  },
  "PUT /api/private/{private_id}": {
    operation: "beginPrivate",
    summary: "Make a tab private: nothing of it is seen, heard or recorded",
    description:
      "Responds when that holds for whatever is captured of the tab; streams and recordings that begin later begin private. The id is " +
      "yours: the same one twice is one. It stands until it is deleted or the tab is closed, whoever dies meanwhile.",
    body: { schema: "BeginPrivateRequest", required: true },
    responses: { 200: { schema: "PrivateResult" } },
    errors: [...BODY, "invalid_option", "tab_not_found", "private_unconfirmed", ...EXTENSION],
  },
  "DELETE /api/private/{private_id}": {
    operation: "endPrivate",
    summary: "Take that back",
    description:
      "Responds when the tab is seen again, unless another id keeps it private: what was captured before is never shown. Twice is once.",
    responses: { 200: { schema: "PrivateResult" } },
    errors: ["invalid_option", ...EXTENSION],
  },
  "POST /api/streams/{id}/tasks": {
    operation: "beginTask",
    summary: "Begin a task on the clock of a stream",
    description: "With the task_id of an existing task, that task is returned unchanged.",
    body: { schema: "BeginTask", required: true },
    responses: { 201: { schema: "Task" } },
    errors: [...BODY, ...OPTIONS, "no_active_stream"],
  },
  "PATCH /api/streams/{id}/tasks/{task_id}": {
    operation: "updateTask",
    summary: "Change or end a task",
    description:
      "With `clip`, responds once there is a file of the task, as `clip` of it. Where that can't be made, the task has ended all the same.",
    body: { schema: "UpdateTask", required: true },
    responses: { 200: { schema: "Task" } },
    errors: [
      ...BODY,
      ...OPTIONS,
      ...(["no_active_stream", "task_not_found"] as const),
      ...(["clip_unavailable", "clip_failed", "recording_path_unusable"] as const),
    ],
  },
  "GET /api/events": {
    operation: "listenToEvents",
    summary: "What happens in this host, as server-sent events",
    description:
      "Each event has an id, a name and JSON. A listener that reconnects with Last-Event-ID gets what it missed. Where that is no " +
      "longer known (256 events are kept), or the id is another host's, the event `reset` comes first: fetch everything again.",
    headers: { "Last-Event-ID": "Id of the last event that was received" },
    responses: { 200: { type: "text/event-stream" } },
    errors: ["too_many_listeners"],
  },
};

/** The methods of each path, written as hono has it: `/api/streams/:id`. */
export function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const route of Object.keys(CONTROL_ROUTES)) {
    const [method = "", path = ""] = route.split(" ");
    const pattern = path.replace(/\{(\w+)\}/g, ":$1");
    methods.set(pattern, [...(methods.get(pattern) ?? []), method, ...(method === "GET" ? ["HEAD"] : [])]);
  }
  return methods;
}
