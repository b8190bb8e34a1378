// What service worker, offscreen document and popup say to each other inside the extension.
import * as v from "valibot";
import { ClipResultSchema } from "./clips.ts";
import { SerializedErrorSchema } from "./errors.ts";
import { CreateLinkResultSchema, RevokeLinkResultSchema } from "./links.ts";
import {
  HostInfoSchema,
  PUBLISHER_METHODS,
  PublisherChangedSchema,
  RELAY_METHODS,
  TakenMediaSchema,
  VIEWER_METHODS,
  ViewersChangedSchema,
} from "./native-messages.ts";
import { MUTED_TABS, ShareSchema } from "./options.ts";
import { QUALITIES } from "./profiles.ts";
import {
  RecordingInfoSchema,
  StartRecordingResultSchema,
  StartStreamResultSchema,
  StopRecordingResultSchema,
  StopStreamResultSchema,
  StreamInfoSchema,
  WAYS_TO_OPEN,
} from "./results.ts";
import type { Contract } from "./rpc.ts";
import { WordsSchema } from "./sentence.ts";
import { StartMarksSchema } from "./start-trace.ts";

const Nothing = v.object({});
const Pixels = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Names of the `runtime.connect` ports. */
export const OFFSCREEN_PORT = "offscreen";
export const POPUP_PORT = "popup";

/** Encoders that record a tab: MediaRecorder with a codec, or WebCodecs' VP9 at a fixed quantizer. */
export const RECORDERS = ["h264", "vp9", "vp9_quantizer"] as const;

/** Schema of what the offscreen document is to capture and record. */
export const CaptureRequestSchema = v.object({
  stream_id: v.string(),
  /** From `chrome.tabCapture.getMediaStreamId`. */
  media_stream_id: v.string(),
  /** Number of its first run: not 0 where the tab is captured again. */
  first_run: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** MediaRecorder with a codec, or WebCodecs' VP9 without a loss that a measurement finds. */
  recorder: v.picklist(RECORDERS),
  /** bit/s that the recorder is asked for. */
  recorder_bitrate: v.number(),
  /** Exact size in px when both are set and `exact`; else a box that the video is scaled down into. */
  width: v.nullable(Pixels),
  height: v.nullable(Pixels),
  exact: v.boolean(),
  frame_rate: v.number(),
  /** The quality that all of this makes. */
  quality: v.picklist(QUALITIES),
  /** ms */
  keyframe_interval: v.number(),
  /** bit/s, of viewers by WebRTC. */
  video_bitrate: v.number(),
  /** bit/s, of viewers by WebRTC. */
  audio_bitrate: v.number(),
  audio: v.boolean(),
  /** Media are handed on as soon as they come, not ten times a second. */
  eager: v.boolean(),
  /** The tab is private: nothing of it is shown until {@link OffscreenContract} `setPrivate` says so. */
  private: v.boolean(),
  /** The tab's user has muted it, and who hears it all the same. */
  muted: v.boolean(),
  muted_tab: v.picklist(MUTED_TABS),
  /** It may go on in another tab: the end of this one doesn't end it. */
  follows: v.boolean(),
});
/** What the offscreen document is to capture and record. */
export type CaptureRequest = v.InferOutput<typeof CaptureRequestSchema>;

/** What the offscreen document offers to the service worker. Port: {@link OFFSCREEN_PORT}. */
export const OffscreenContract = {
  methods: {
    /** Captures the tab and begins its first run; the media go over a MessagePort (see MediaMessageSchema). */
    startCapture: {
      params: CaptureRequestSchema,
      result: v.object({ width: Pixels, height: Pixels, has_audio: v.boolean(), marks: StartMarksSchema }),
      timeout: 15_000,
    },
    /**
     * Goes on with another tab, or with its own in another quality, as a new run: the one before is let go once the other gives
     * pictures. Viewers by WebRTC stay. A stream without a capture is captured anew.
     */
    moveCapture: {
      params: CaptureRequestSchema,
      result: v.object({ width: Pixels, height: Pixels, has_audio: v.boolean() }),
      timeout: 15_000,
    },
    /** Lets go of a tab that is about to be captured anew, by `moveCapture`. Errors: `no_active_stream`. */
    letGo: { params: v.object({ stream_id: v.string() }), result: Nothing, timeout: 10_000 },
    /** `held`: the last picture is shown, whatever the tab shows. */
    holdPicture: { params: v.object({ stream_id: v.string(), held: v.boolean() }), result: Nothing, timeout: 5_000 },
    /** The tab's user has muted it, or has taken that back. */
    setMuted: {
      params: v.object({ stream_id: v.string(), muted: v.boolean(), muted_tab: v.picklist(MUTED_TABS) }),
      result: Nothing,
      timeout: 5_000,
    },
    /** Shows words over the picture, for so many seconds unless it is asked again; `null`: none. */
    showNotice: {
      params: v.object({ stream_id: v.string(), text: v.nullable(v.string()), seconds: v.number() }),
      result: Nothing,
      timeout: 5_000,
    },
    /** Ends the recorder and begins a new one, as a new run. */
    restartRun: {
      /** `orderly`: the host still takes what is under way; else that counts as lost. */
      params: v.object({ stream_id: v.string(), reason: v.string(), orderly: v.boolean() }),
      result: Nothing,
      timeout: 10_000,
    },
    /** The way to the host was made anew, which has taken so much: what it lacks is sent once more. `goes_on`: `false`, it takes a fresh run. */
    continueRun: {
      params: v.object({ stream_id: v.string(), taken: TakenMediaSchema }),
      result: v.object({ goes_on: v.boolean() }),
      timeout: 5_000,
    },
    /** Ends recorder and tracks; idempotent. Answers when the last chunk is on its way; of a capture that is about to begin, once it has. */
    stopCapture: { params: v.object({ stream_id: v.string() }), result: Nothing, timeout: 20_000 },
    /** Hides what is captured of a stream from all its outputs; answers when that holds. Or shows it again, once that is seen. */
    setPrivate: {
      params: v.object({ stream_id: v.string(), private: v.boolean() }),
      result: Nothing,
      timeout: 4_000,
    },
    /** Ends all viewers by WebRTC; others may come later. */
    closeViewers: { params: v.object({ stream_id: v.string() }), result: Nothing, timeout: 5_000 },
    ...VIEWER_METHODS,
    ...RELAY_METHODS,
    ...PUBLISHER_METHODS,
  },
  events: {
    /** The tab was closed, crashed, or Chrome ended the capture. One that follows waits for its next tab. */
    capture_ended: v.object({ stream_id: v.string(), reason: v.string() }),
    /** A viewer by WebRTC came or went; also told after `restartRun`, since the host may be a new one. */
    viewers_changed: ViewersChangedSchema,
    publisher_changed: PublisherChangedSchema,
  },
} as const satisfies Contract;

/** What the service worker offers to the offscreen document. */
export const BackgroundForOffscreenContract = { methods: {}, events: {} } as const satisfies Contract;

/** Phases of a tab's recording. `finishing`: its file is being made, the tab is free. */
export const RECORDING_PHASES = ["idle", "starting", "recording", "stopping", "finishing"] as const;

/** Schema of a place that the user has streams sent to, without a secret. */
export const SavedDestinationSchema = v.object({
  id: v.string(),
  name: v.string(),
  /** Whether the next stream goes there. */
  on: v.boolean(),
  /** Whether its key is known; it may not have one. */
  has_key: v.boolean(),
});
/** A place that the user has streams sent to, without a secret. */
export type SavedDestination = v.InferOutput<typeof SavedDestinationSchema>;

/** Schema of what the popup shows. */
export const PopupStateSchema = v.object({
  tab: v.object({ tab_id: v.number(), title: v.string(), url: v.string(), not_capturable: v.nullable(WordsSchema) }),
  /** The other tabs that are captured. */
  others: v.array(
    v.object({ tab_id: v.number(), title: v.string(), live: v.boolean(), recorded: v.boolean(), viewers: v.number() }),
  ),
  /** `null`: not tried yet. */
  host: v.nullable(HostInfoSchema),
  quality: v.picklist(QUALITIES),
  /** Whom the next stream is shared with; of one that is live: who can open its links. */
  share: ShareSchema,
  /** Whether the next stream has sound. */
  audio: v.boolean(),
  /** Where streams can be sent beside their link. */
  destinations: v.array(SavedDestinationSchema),
  phase: v.picklist(["idle", "starting", "live", "recovering", "stopping"]),
  stream: v.nullable(StreamInfoSchema),
  /** `starting` until the host records. */
  recording_phase: v.picklist(RECORDING_PHASES),
  /** The one that runs or, until the next, was the last of the tab. */
  recording: v.nullable(RecordingInfoSchema),
  error: v.nullable(SerializedErrorSchema),
});
/** What the popup shows. */
export type PopupState = v.InferOutput<typeof PopupStateSchema>;

/** What the service worker offers to the popup. Port: {@link POPUP_PORT}. */
export const BackgroundForPopupContract = {
  methods: {
    /** First call: says which tab the popup is about, answers its state, and subscribes to its changes. */
    watch: { params: v.object({ tab_id: v.number() }), result: PopupStateSchema, timeout: 5_000 },
    /** Goes to the chosen destinations as well. `record`: the tab is recorded too. */
    startStream: {
      params: v.object({ tab_id: v.number(), options: v.unknown(), record: v.boolean() }),
      result: StartStreamResultSchema,
      timeout: 60_000,
    },
    stopStream: { params: v.object({ tab_id: v.number() }), result: StopStreamResultSchema, timeout: 20_000 },
    /** Records the tab, with its stream or without one. */
    startRecording: { params: v.object({ tab_id: v.number() }), result: StartRecordingResultSchema, timeout: 60_000 },
    stopRecording: { params: v.object({ tab_id: v.number() }), result: StopRecordingResultSchema, timeout: 40_000 },
    /** Plays the file of the tab's last recording, or shows its folder. Errors as of the host's. */
    openRecording: {
      params: v.object({ tab_id: v.number(), way: v.picklist(WAYS_TO_OPEN) }),
      result: Nothing,
      timeout: 10_000,
    },
    /** Make and end links of the tab's stream. Errors as of the host's. */
    createLink: {
      params: v.object({ tab_id: v.number(), options: v.unknown() }),
      result: CreateLinkResultSchema,
      timeout: 5_000,
    },
    revokeLink: {
      params: v.object({ tab_id: v.number(), link_id: v.string() }),
      result: RevokeLinkResultSchema,
      timeout: 5_000,
    },
    /** Remembers whom streams are shared with; one that is live is shared anew. Errors as of the host's `setSharing`. */
    setShare: { params: v.object({ tab_id: v.number(), share: ShareSchema }), result: Nothing, timeout: 25_000 },
    /** Makes a file of the last 30 s of the tab's stream. Errors as of the host's. */
    makeClip: { params: v.object({ tab_id: v.number() }), result: ClipResultSchema, timeout: 60_000 },
    /** Remembers the quality of the next stream; one that is live gets it at once. Errors as of the extension's `setQuality`. */
    setQuality: {
      params: v.object({ tab_id: v.number(), quality: v.picklist(QUALITIES) }),
      result: Nothing,
      timeout: 35_000,
    },
    setAudio: { params: v.object({ audio: v.boolean() }), result: Nothing, timeout: 5_000 },
    /**
     * Remembers a destination, as an entry of `destinations`, for the next stream; one that is live goes there at once.
     * `keep_key`: its key too, on the disk. Errors as of the host's `addDestination`.
     */
    saveDestination: {
      params: v.object({ tab_id: v.number(), destination: v.unknown(), keep_key: v.boolean() }),
      result: Nothing,
      timeout: 15_000,
    },
    /** Whether the next stream goes there; a stream of the tab that is live goes there at once where `on`. */
    chooseDestination: {
      params: v.object({ tab_id: v.number(), id: v.string(), on: v.boolean() }),
      result: Nothing,
      timeout: 15_000,
    },
    forgetDestination: { params: v.object({ id: v.string() }), result: Nothing, timeout: 5_000 },
    /** The live stream of the tab takes leave of one of its destinations. Errors as of the host's `removeDestination`. */
    removeDestination: {
      params: v.object({ tab_id: v.number(), destination_id: v.string() }),
      result: Nothing,
      timeout: 15_000,
    },
  },
  events: { state: PopupStateSchema },
} as const satisfies Contract;
