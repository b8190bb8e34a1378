// What the extension and the native host say to each other over native messaging.
import * as v from "valibot";
import { ClipResultSchema } from "./clips.ts";
import { SerializedErrorSchema } from "./errors.ts";
import { CreateLinkResultSchema, LINK_ALLOWS, RevokeLinkResultSchema } from "./links.ts";
import { ResolvedDestinationSchema, ResolvedStartStreamOptionsSchema, ShareSchema } from "./options.ts";
import { QUALITIES } from "./profiles.ts";
import {
  CAPTURE_CONDITIONS,
  DestinationStatusSchema,
  PLACES,
  RecordingInfoSchema,
  StartRecordingResultSchema,
  StartStreamResultSchema,
  StopRecordingResultSchema,
  StopStreamResultSchema,
  StreamInfoSchema,
  StreamStatusSchema,
  TaskSchema,
  WAYS_TO_OPEN,
} from "./results.ts";
import type { Contract } from "./rpc.ts";
import { WordsSchema } from "./sentence.ts";
import { StartMarksSchema } from "./start-trace.ts";
import { BeginTaskSchema, UpdateTaskSchema } from "./task-messages.ts";

const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const Bytes = v.pipe(v.number(), v.integer(), v.minValue(0));
const Pixels = v.pipe(v.number(), v.integer(), v.minValue(1));
const Nothing = v.object({});
/** ms since 1970. */
const EpochMs = v.pipe(v.number(), v.minValue(0));
/** ms of a monotonic clock. */
const MonotonicMs = v.pipe(v.number(), v.minValue(0));

/** Schema of a tab of the browser. */
export const TabSchema = v.object({
  /** Chrome's id of the tab. */
  tab_id: v.number(),
  /** DevTools id of the tab's page; only where the browser was started by the SDK. */
  target_id: v.nullable(v.string()),
  url: v.string(),
  title: v.string(),
  /** `null`: it can be captured; else why not. */
  not_capturable: v.nullable(WordsSchema),
  /** The stream of this tab, if one runs. */
  stream_id: v.nullable(v.string()),
});
/** A tab of the browser. */
export type Tab = v.InferOutput<typeof TabSchema>;
/** Schema of the same as programs outside get it. */
export const TabInWordsSchema = v.object({ ...TabSchema.entries, not_capturable: v.nullable(v.string()) });
/** The same as programs outside get it. */
export type TabInWords = v.InferOutput<typeof TabInWordsSchema>;

/** Schema of the way to name a tab: Chrome's id, or the DevTools id of its page. */
export const TabReferenceSchema = v.union([
  v.strictObject({ tab_id: v.number() }),
  v.strictObject({ target_id: v.string() }),
]);
/** A way to name a tab. */
export type TabReference = v.InferOutput<typeof TabReferenceSchema>;

/** Schema of a link of a stream, as the next host needs it. */
export const StoredLinkSchema = v.object({
  /** 128 bits or more, base64url: a secret. */
  token: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,64}$/)),
  name: v.nullable(v.string()),
  allow: v.picklist(LINK_ALLOWS),
  /** By the stream's clock; `null`: it ends with the stream. */
  expires_at: v.nullable(EpochMs),
});
/** A link of a stream, as the next host needs it. */
export type StoredLink = v.InferOutput<typeof StoredLinkSchema>;

/** Schema of what a stream needs to go on in a new host after the old one died. */
export const StreamIdentitySchema = v.object({
  stream_id: Id,
  /** 128 bits or more, base64url. */
  view_token: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,64}$/)),
  /** The links that it has; left out: the one of `view_token`. */
  links: v.optional(v.array(StoredLinkSchema)),
  /** What the wall clock showed at media time 0. */
  started_at: EpochMs,
  /** Media time 0 by the machine's monotonic clock. */
  zero: MonotonicMs,
  /** Since when viewers may see it, by the stream's clock (`started_at` and what has passed since); `null`: nobody may, it is only recorded. */
  published_at: v.nullable(EpochMs),
  /** ms that are missing of its media so far, between runs: what players that wait such holes out get is that much earlier. Left out: none. */
  missing: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** How often the host has died so far under this stream. */
  generation: Bytes,
});
/** What a stream needs to go on in a new host. */
export type StreamIdentity = v.InferOutput<typeof StreamIdentitySchema>;

/** Schema of what the host says of itself. */
export const HostInfoSchema = v.object({
  protocol_version: v.number(),
  host_version: v.string(),
  session_id: v.string(),
  pid: v.number(),
  /** Port of the HTTP server, on 127.0.0.1. */
  port: v.number(),
  ffmpeg: v.nullable(v.object({ path: v.string(), version: v.string() })),
  log_file: v.string(),
  /** Who can open the links of a stream that doesn't say so. */
  share: v.optional(ShareSchema, "this-computer"),
  /** s for which the links of an ended stream show what there was: the host is kept for as long. */
  ended_seconds: v.optional(v.number(), 30),
  /** Why no stream can be shown, e.g. a port that is taken; `null`: nothing is wrong. */
  problem: v.optional(v.nullable(SerializedErrorSchema), null),
});
/** What the host says of itself. */
export type HostInfo = v.InferOutput<typeof HostInfoSchema>;

/** Matrices of Y'CbCr that Chrome's captures are of, whatever their label says (docs/decisions/colours.md). */
export const COLOUR_MATRICES = ["bt709", "bt601"] as const;
/** A matrix of Y'CbCr; limited range, primaries and transfer of BT.709. */
export type ColourMatrix = (typeof COLOUR_MATRICES)[number];

/** Schema of the opening of a run: one recorder, one init segment, one FFmpeg. */
export const RunOpeningSchema = v.object({
  stream_id: Id,
  /** Counts up from 0 within a stream, also across hosts. */
  run: Bytes,
  /** What MediaRecorder says it makes, e.g. `video/x-matroska;codecs=avc1,opus`. */
  mime_type: v.string(),
  /** px of the captured picture. */
  width: Pixels,
  height: Pixels,
  /** What the pixels are of; the recorder's label says BT.709 always. */
  matrix: v.picklist(COLOUR_MATRICES),
  /** ms by which the sound's timestamps are later than those of the pictures that it belongs to. */
  sound_late: v.number(),
  has_audio: v.boolean(),
  /** The quality that it was captured as; left out: that of the run before. */
  quality: v.optional(v.picklist(QUALITIES)),
  /** It is of another tab than the run before: the stream has gone along, nothing was repaired. Left out: it isn't. */
  moved: v.optional(v.boolean()),
  /** When timestamp 0 of this run was captured, and when this was sent: by `performance.now()` of the capturing document. */
  captured_at: MonotonicMs,
  sent_at: MonotonicMs,
  /** `performance.timeOrigin` of that document, which tells its clock from another one's. */
  clock: v.number(),
});
/** The opening of a run. */
export type RunOpening = v.InferOutput<typeof RunOpeningSchema>;

/** Schema of which process was ended, between an extension and its streams. */
export const EndedProcessSchema = v.picklist(["host", "bridge"]);
/** Which process was ended, between an extension and its streams. */
export type EndedProcess = v.InferOutput<typeof EndedProcessSchema>;

/** Schema of what a host has got of a stream's newest run. */
export const TakenMediaSchema = v.object({
  /** -1: it has opened none. */
  run: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  /** Bytes of it that have come, and of these, how many `chunk_accepted` has told of, whether that arrived or not. */
  bytes: Bytes,
  told: Bytes,
});
/** What a host has got of a stream's newest run. */
export type TakenMedia = v.InferOutput<typeof TakenMediaSchema>;

/** Schema of a STUN or TURN server, as RTCPeerConnection takes it. */
export const IceServerSchema = v.strictObject({
  urls: v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))]),
  username: v.optional(v.string()),
  credential: v.optional(v.string()),
});
/** A STUN or TURN server. */
export type IceServer = v.InferOutput<typeof IceServerSchema>;

/** Schema of a viewer by WebRTC. */
export const ViewerSchema = v.object({
  /** Made by the host; whoever knows it may end the viewer. */
  viewer_id: Id,
  /** The host's own mark of who it is, kept by the extension so that a new host can count viewers that live on. */
  client: v.string(),
  /** The link by which it came, and the way; left out: a host of another version let it in. */
  link_id: v.optional(Id),
  from: v.optional(ShareSchema),
});
/** A viewer by WebRTC. */
export type Viewer = v.InferOutput<typeof ViewerSchema>;

/** Schema of an ICE candidate that came after the offer. */
export const CandidateSchema = v.object({
  /** The candidate line without `a=`. */
  candidate: v.string(),
  sdpMid: v.nullable(v.string()),
  sdpMLineIndex: v.nullable(v.number()),
  usernameFragment: v.nullable(v.string()),
});
/** An ICE candidate. */
export type Candidate = v.InferOutput<typeof CandidateSchema>;

/** Methods by which viewers by WebRTC come and go: of the extension, which hands them on to its capturing document. */
export const VIEWER_METHODS = {
  /** Answers an SDP offer: by the relay, if one is open, else with the tab's own tracks. Errors: `webrtc_offer_invalid`, `no_active_stream`, `viewers_full`. */
  openViewer: {
    params: v.object({
      stream_id: Id,
      viewer: ViewerSchema,
      offer: v.string(),
      ice_servers: v.array(IceServerSchema),
      /** The address of this machine by which alone the relay may send; left out: any. */
      address: v.optional(v.string()),
    }),
    /** The answer holds all candidates. */
    result: v.object({ answer: v.string() }),
    timeout: 8_000,
  },
  addViewerCandidates: {
    params: v.object({ stream_id: Id, viewer_id: Id, candidates: v.array(CandidateSchema) }),
    result: Nothing,
    timeout: 5_000,
  },
  /** Idempotent. */
  closeViewer: { params: v.object({ stream_id: Id, viewer_id: Id }), result: Nothing, timeout: 5_000 },
} as const;

/** Methods by which a tab's one encoding comes to the relay: of the extension, which hands them on to its capturing document. */
export const RELAY_METHODS = {
  /** Begins a connection to the relay, unless there is one; gives its SDP offer, which holds all candidates. Errors: `no_active_stream`, `capture_failed`. */
  openRelay: {
    params: v.object({ stream_id: Id }),
    /** `null`: there is one already. */
    result: v.nullable(v.object({ offer: v.string(), video_bitrate: v.number() })),
    timeout: 4_000,
  },
  /** Takes the relay's answer; answers when viewers can be opened by it. Errors: `webrtc_answer_invalid`, `no_active_stream`. */
  answerRelay: { params: v.object({ stream_id: Id, answer: v.string() }), result: Nothing, timeout: 5_000 },
  /** The relay has gone, and with it its viewers' connections. Idempotent. */
  closeRelay: { params: v.object({ stream_id: Id }), result: Nothing, timeout: 4_000 },
} as const;

/** Schema of how a connection to a WHIP server is doing. */
export const PublisherReportSchema = v.object({
  /** `lost`: it is over. */
  state: v.picklist(["connecting", "connected", "lost"]),
  bytes_sent: Bytes,
  /** Frames of the tab that were not sent since it was connected. */
  dropped_frames: Bytes,
});
/** How a connection to a WHIP server is doing. */
export type PublisherReport = v.InferOutput<typeof PublisherReportSchema>;

/** Methods by which the tab is sent to WHIP servers: of the extension, which hands them on to its capturing document. */
export const PUBLISHER_METHODS = {
  /** Begins a connection; gives its SDP offer, which holds all candidates. Errors: `no_active_stream`, `capture_failed`. */
  openPublisher: {
    params: v.object({ stream_id: Id, publisher_id: Id, destination_id: Id, ice_servers: v.array(IceServerSchema) }),
    result: v.object({ offer: v.string() }),
    timeout: 8_000,
  },
  /** Takes the server's answer. Errors: `webrtc_answer_invalid`, `no_active_stream`. */
  answerPublisher: {
    params: v.object({ stream_id: Id, publisher_id: Id, answer: v.string() }),
    result: Nothing,
    timeout: 5_000,
  },
  /** Idempotent. */
  closePublisher: { params: v.object({ stream_id: Id, publisher_id: Id }), result: Nothing, timeout: 5_000 },
} as const;

/** Schema of a change of such a connection, told once a second while it is connected. */
export const PublisherChangedSchema = v.object({
  stream_id: Id,
  publisher_id: Id,
  report: PublisherReportSchema,
});

/** Schema of all viewers by WebRTC of one stream, told whenever one came or went. */
export const ViewersChangedSchema = v.object({ stream_id: Id, viewers: v.array(ViewerSchema) });

/** What the host offers to the extension. */
export const HostContract = {
  methods: {
    /** First message of the extension. The host answers `version_mismatch` where they can't talk. */
    hello: {
      params: v.object({
        protocol_version: v.number(),
        extension_version: v.string(),
        user_agent: v.string(),
        /** Port of a host that died under live streams: the new one listens there when it can, so that links live on. */
        preferred_port: v.nullable(v.number()),
        /** Session of the host before, if its streams are to go on: it may live, and then takes this connection for the one that it lost. */
        continues: v.optional(v.nullable(v.string()), null),
        /** Recordings that will go on here: not to be finished as leftovers of a host that died. */
        resumes: v.optional(v.array(Id), []),
        /** The last status of each stream that will go on here, without its tasks: what is told of it until then. */
        streams: v.optional(v.array(StreamInfoSchema), []),
      }),
      result: HostInfoSchema,
      timeout: 10_000,
    },
    /**
     * Needs no hello: ends the host of another session, or the bridge in front of it, if that has been stopped (SIGSTOP, a debugger), so
     * that it does nothing. Tells which of them; behind a bridge the host lives on, and waits for the next connection.
     */
    endFrozen: {
      params: v.object({ session_id: Id }),
      result: v.object({ ended: v.nullable(EndedProcessSchema) }),
      timeout: 8_000,
    },
    /**
     * Makes a stream (or, with `resume`, takes one over); its media follow in runs. Nobody can see it unless it is
     * `published`, or was so under the host before.
     */
    openStream: {
      params: v.object({
        tab: TabSchema,
        options: ResolvedStartStreamOptionsSchema,
        published: v.boolean(),
        /** Id of a new one, by which it can be closed also when the answer never comes; left out: the host makes one. */
        stream_id: v.optional(Id),
        resume: v.optional(StreamIdentitySchema),
        /** A recording of it that goes on, or into another file. */
        recording_id: v.optional(Id),
        /** Its tab is private: viewers see and hear nothing of it. */
        private: v.optional(v.boolean()),
      }),
      result: StreamIdentitySchema,
      timeout: 15_000,
    },
    /** What has come of a stream's media: a connection that was made anew goes on from there. Errors: `no_active_stream`. */
    takenMedia: { params: v.object({ stream_id: Id }), result: TakenMediaSchema, timeout: 5_000 },
    /** Lets viewers see a stream that was only recorded: under a new token, and not what was before. */
    publishStream: {
      params: v.object({ stream_id: Id, options: ResolvedStartStreamOptionsSchema }),
      result: StreamIdentitySchema,
      timeout: 15_000,
    },
    /** Ends what viewers see; the capture goes on for its recording. */
    unpublishStream: {
      params: v.object({ stream_id: Id, reason: v.string() }),
      result: StopStreamResultSchema,
      timeout: 15_000,
    },
    /** Answers when a viewer who opens the player now gets a picture. */
    waitUntilPlayable: {
      params: v.object({ stream_id: Id, marks: StartMarksSchema }),
      result: StartStreamResultSchema,
      timeout: 25_000,
    },
    /** Changes who can open the links; answers when that holds. Errors: `share_unavailable`, and the stream is as it was. */
    setSharing: {
      params: v.object({ stream_id: Id, share: ShareSchema }),
      result: StreamInfoSchema,
      timeout: 25_000,
    },
    /** Asks whether the stream may have another quality: it has it from the run on that was captured so. Errors: `unsupported_combination`. */
    prepareQuality: {
      params: v.object({ stream_id: Id, options: ResolvedStartStreamOptionsSchema }),
      result: Nothing,
      timeout: 5_000,
    },
    /** Answers when viewers get a picture in this quality. Errors: `no_media`. */
    waitUntilQuality: {
      params: v.object({ stream_id: Id, quality: v.picklist(QUALITIES) }),
      result: StreamInfoSchema,
      timeout: 15_000,
    },
    /** `options` as of `createLink`; the host checks them. Errors: `too_many_links`. */
    createLink: {
      params: v.object({ stream_id: Id, options: v.unknown() }),
      result: CreateLinkResultSchema,
      timeout: 5_000,
    },
    /** `options` as of `clip`; the host checks them. Errors: `clip_unavailable`, `clip_failed`, `recording_path_unusable`. */
    makeClip: { params: v.object({ stream_id: Id, options: v.unknown() }), result: ClipResultSchema, timeout: 60_000 },
    /** Ends a link, and what is open by it. Errors: `link_not_found`. */
    revokeLink: { params: v.object({ stream_id: Id, link_id: Id }), result: RevokeLinkResultSchema, timeout: 5_000 },
    /** Ends it; one that is still being opened ends as soon as it is there. */
    closeStream: {
      params: v.object({ stream_id: Id, reason: v.string() }),
      result: StopStreamResultSchema,
      timeout: 15_000,
    },
    getStreamStatus: { params: v.object({ stream_id: Id }), result: StreamStatusSchema, timeout: 5_000 },
    /** `options` as of `startRecording`; the host checks them. Answers when it records. */
    startRecording: {
      params: v.object({ stream_id: Id, options: v.unknown() }),
      result: StartRecordingResultSchema,
      timeout: 30_000,
    },
    /** A long one may still be `finishing` in the answer: asking again tells how it goes on. */
    stopRecording: { params: v.object({ stream_id: Id }), result: StopRecordingResultSchema, timeout: 30_000 },
    /**
     * Plays the file of a recording in the system's player, or shows its folder. Errors: `recording_not_found`, also where it has no
     * file yet; `recording_file_gone`, `player_not_found`, `player_failed`.
     */
    openRecording: {
      params: v.object({ recording_id: Id, way: v.picklist(WAYS_TO_OPEN) }),
      result: Nothing,
      timeout: 8_000,
    },
    /** Has a stream that viewers see go to one more place; answers at once. Errors: `invalid_option`, `unsupported_combination`. */
    addDestination: {
      params: v.object({ stream_id: Id, destination: ResolvedDestinationSchema }),
      result: DestinationStatusSchema,
      timeout: 5_000,
    },
    /** Takes leave of a destination; answers with its last status. Errors: `destination_not_found`. */
    removeDestination: {
      params: v.object({ stream_id: Id, destination_id: Id }),
      result: DestinationStatusSchema,
      timeout: 15_000,
    },
    /** Marks the beginning of a task on the stream's clock. Errors: `no_active_stream`. */
    beginTask: { params: v.object({ stream_id: Id, task: BeginTaskSchema }), result: TaskSchema, timeout: 5_000 },
    /** Changes or ends a task. Errors: `no_active_stream`, `task_not_found`. */
    updateTask: {
      params: v.object({ stream_id: Id, task_id: Id, change: UpdateTaskSchema }),
      result: TaskSchema,
      timeout: 5_000,
    },
  },
  /** Sent by the host. */
  events: {
    /** So many bytes of a run (before base64) were taken by FFmpeg. `eager`: somebody watches who gets media as they come. */
    chunk_accepted: v.object({ stream_id: Id, run: Bytes, bytes: Bytes, eager: v.optional(v.boolean(), false) }),
    /** Once a second while a stream lives, and when its state or health changes. */
    stream_status: v.object({ stream_id: Id, info: StreamInfoSchema }),
    /** A recording of a stream began, grew, ended or was finished; every two seconds at least while it grows. */
    recording_changed: v.object({ stream_id: Id, recording: RecordingInfoSchema }),
    /** The links of a stream are others now: what the next host is told. */
    links_changed: v.object({ stream_id: Id, links: v.array(StoredLinkSchema) }),
    /** So many ms are missing of the media of a stream by now: the same. */
    holes_changed: v.object({ stream_id: Id, missing: v.pipe(v.number(), v.minValue(0)) }),
    /** Others than so far are to see a stream: the same. */
    sharing_changed: v.object({ stream_id: Id, share: ShareSchema }),
    /** The host can't go on with a stream; it is closed there. */
    stream_failed: v.object({ stream_id: Id, error: SerializedErrorSchema }),
    /** A request of the host for a fresh run (new recorder), e.g. because FFmpeg died. */
    run_needed: v.object({
      stream_id: Id,
      reason: v.string(),
      /** The run that is open is well and is to end in order: none of it is lost. Else what is under way is lost already. */
      orderly: v.boolean(),
    }),
  },
} as const satisfies Contract;

/** What the extension offers to the host (on behalf of the control API). */
export const ExtensionContract = {
  methods: {
    listTabs: { params: Nothing, result: v.array(TabSchema), timeout: 5_000 },
    startStream: {
      /** `tab`: `null` means the one in front. */
      params: v.object({
        tab: v.nullable(TabReferenceSchema),
        options: v.unknown(),
        /** It goes along only to tabs that were admitted. */
        admit_tabs: v.optional(v.boolean(), false),
      }),
      result: StartStreamResultSchema,
      timeout: 45_000,
    },
    /** Lets viewers of a stream see a tab, once it is in front. Errors: `no_active_stream`, `tab_not_found`. */
    admitTab: {
      params: v.object({ stream_id: Id, tab: TabReferenceSchema }),
      result: v.object({ tab_id: v.number() }),
      timeout: 5_000,
    },
    /** Shows words over the picture, for so many seconds unless it is asked again; `null`: none. Errors: `no_active_stream`. */
    showNotice: {
      params: v.object({ stream_id: Id, text: v.nullable(v.string()), seconds: v.number() }),
      result: Nothing,
      timeout: 5_000,
    },
    stopStream: { params: v.object({ stream_id: Id }), result: StopStreamResultSchema, timeout: 20_000 },
    /**
     * Changes the quality while live; answers when viewers get a picture in it. Errors: `unsupported_combination`, `tab_not_invoked`,
     * and the stream is as it was; `capture_failed`.
     */
    setQuality: {
      params: v.object({ stream_id: Id, quality: v.picklist(QUALITIES) }),
      result: StreamInfoSchema,
      timeout: 30_000,
    },
    /** `destination` as of `startStream`; checked here. */
    addDestination: {
      params: v.object({ stream_id: Id, destination: v.unknown() }),
      result: DestinationStatusSchema,
      timeout: 10_000,
    },
    removeDestination: {
      params: v.object({ stream_id: Id, destination_id: Id }),
      result: DestinationStatusSchema,
      timeout: 20_000,
    },
    /** Records a tab, with its stream or without one. */
    startRecording: {
      params: v.object({ tab: v.nullable(TabReferenceSchema), options: v.unknown() }),
      result: StartRecordingResultSchema,
      timeout: 60_000,
    },
    /** Makes a tab private, under an id of the caller's; answers when nothing of it is seen any more. Errors: `tab_not_found`, `private_unconfirmed`. */
    beginPrivate: {
      /** `stream_id`: of the caller's stream, which may show another tab now. */
      params: v.object({ private_id: Id, tab: TabReferenceSchema, stream_id: v.nullable(Id) }),
      result: Nothing,
      timeout: 10_000,
    },
    /** Takes that back; answers when the tab is seen again, unless another id keeps it private. Idempotent. */
    endPrivate: { params: v.object({ private_id: Id }), result: Nothing, timeout: 8_000 },
    /** Ends the recording of a captured tab, and its capture if nobody else needs it. */
    stopRecording: { params: v.object({ stream_id: Id }), result: StopRecordingResultSchema, timeout: 40_000 },
    ...VIEWER_METHODS,
    ...RELAY_METHODS,
    ...PUBLISHER_METHODS,
  },
  /** Sent by the extension; those of one stream arrive in their order. */
  events: {
    run_opened: RunOpeningSchema,
    /**
     * `data` is base64 of a slice of the run's byte stream; `sent_at` is of the run's clock. `frames`: so many pictures the browser's
     * encoder was given since the chunk before; fewer than asked for where little moves.
     */
    chunk: v.object({
      ...{ stream_id: Id, run: Bytes, sent_at: MonotonicMs, data: v.string() },
      /** As of `MediaMessage`. */
      frames: v.optional(Bytes),
      unseen: v.optional(v.pipe(v.number(), v.minValue(0))),
    }),
    run_closed: v.object({ stream_id: Id, run: Bytes, reason: v.string() }),
    /** Frames that were lost before they reached the host (overflow, a new recorder). */
    frames_dropped: v.object({ stream_id: Id, frames: Bytes, reason: v.string() }),
    tab_changed: v.object({ stream_id: Id, url: v.string(), title: v.string() }),
    /** The capture has gone, or its page has, or it runs again. */
    capture_changed: v.object({ stream_id: Id, capture: v.picklist(CAPTURE_CONDITIONS) }),
    /** Its tab has become private, or is so no more. */
    private_changed: v.object({ stream_id: Id, private: v.boolean() }),
    /** The program has gone to another tab than the one that is captured, or is back. */
    /** The tab's user has muted it, or has taken that back. */
    muted_changed: v.object({ stream_id: Id, muted: v.boolean() }),
    place_changed: v.object({ stream_id: Id, place: v.picklist(PLACES) }),
    viewers_changed: ViewersChangedSchema,
    publisher_changed: PublisherChangedSchema,
  },
} as const satisfies Contract;
