// What the relay of WebRTC viewers, a process of the host's own, says with the host that started it and, by a data channel beside the
// media, with the document that captures.
import * as v from "valibot";
import { MAX_INPUT_BYTES } from "./control-messages.ts";
import { CandidateSchema, IceServerSchema } from "./native-messages.ts";
import type { Contract } from "./rpc.ts";

const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Nothing = v.object({});

/** Name of the data channel. */
export const RELAY_CHANNEL = "relay";

/** What the relay offers to the host. */
export const RelayHostContract = {
  methods: {
    /** Answers the offer of a document that captures. One that the stream has already is ended. */
    openSource: {
      params: v.object({ stream_id: Id, offer: v.string(), video_bitrate: v.number() }),
      /** The answer holds all candidates. */
      result: v.object({ answer: v.string() }),
      timeout: 4_000,
    },
    /** A viewer of this stream may send input by a data channel that shows the ticket, within seconds. Errors: `no_active_stream`. */
    openInput: { params: v.object({ stream_id: Id, ticket: Id }), result: Nothing, timeout: 2_000 },
  },
  events: {
    /** A message by the channel of a ticket, as it came. */
    input: v.object({ ticket: Id, text: v.pipe(v.string(), v.maxLength(MAX_INPUT_BYTES)) }),
    /** What viewers of a stream lost so far, once a second while there are any: frames that were left out, packets that were sent again. */
    relayed: v.object({ stream_id: Id, dropped_frames: Count, packets_again: Count }),
  },
} as const satisfies Contract;

/** What the host offers to the relay. */
export const HostForRelayContract = {
  methods: {},
  events: {
    /** The ticket holds no more, and its channel ends. */
    input_over: v.object({ ticket: Id }),
  },
} as const satisfies Contract;

/** What the relay offers to the document. */
export const RelayContract = {
  methods: {
    /** Answers the offer of a viewer. Errors: `webrtc_offer_invalid`, `viewers_full`. */
    openViewer: {
      params: v.object({
        viewer_id: Id,
        offer: v.string(),
        ice_servers: v.array(IceServerSchema),
        address: v.nullable(v.string()),
      }),
      /** `null`: it takes no H.264, and nothing else is sent. */
      result: v.object({ answer: v.nullable(v.string()) }),
      timeout: 4_000,
    },
    addViewerCandidates: {
      params: v.object({ viewer_id: Id, candidates: v.array(CandidateSchema) }),
      result: Nothing,
      timeout: 4_000,
    },
    /** Idempotent. */
    closeViewer: { params: v.object({ viewer_id: Id }), result: Nothing, timeout: 4_000 },
  },
  events: {
    /** A viewer that was let in has gone. */
    viewer_closed: v.object({ viewer_id: Id, reason: v.string() }),
    /** Once a second. */
    alive: Nothing,
  },
} as const satisfies Contract;

/** What the document offers to the relay. */
export const DocumentForRelayContract = {
  methods: {},
  events: {
    /** Once a second. */
    alive: Nothing,
    /** Video has so many bit/s at most from now on. */
    bitrate_changed: v.object({ video_bitrate: v.number() }),
  },
} as const satisfies Contract;

/** ms between two signs of life on the data channel, and without one after which the other side is gone. */
export const RELAY_ALIVE_EVERY = 1_000;
export const RELAY_SILENT = 5_000;
