// What the host tells the player page: `GET …/state` once, and the same as server-sent events on every change.
import * as v from "valibot";
import { LINK_ALLOWS } from "./links.ts";
import { CODECS, PROTOCOLS } from "./options.ts";
import { QUALITIES, VIEWING_PROTOCOLS } from "./profiles.ts";
import { CAPTURE_CONDITIONS, PLACES, STREAM_STATES, TaskSchema } from "./results.ts";

/** Name of the query parameter by which the player says which viewer it is, with `events`, `whep` and `live`. */
export const VIEWER = "viewer";

/** Relative to the player page; `null`: not offered. */
const RelativeUrl = v.nullable(v.string());

/** Schema of a task as viewers are told of it: without what is on the disk of who streams. */
export const PlayerTaskSchema = v.omit(TaskSchema, ["clip"]);
/** A task as viewers are told of it. */
export type PlayerTask = v.InferOutput<typeof PlayerTaskSchema>;

/** Schema of {@link PlayerState}. */
export const PlayerStateSchema = v.object({
  /** `stopped` and `error` are final: the media end there. */
  state: v.picklist(STREAM_STATES),
  /** What keeps the tab from giving video; left out, as `running`: nothing. */
  capture: v.optional(v.picklist(CAPTURE_CONDITIONS)),
  /** The tab is private at the moment; left out: it isn't. */
  private: v.optional(v.boolean()),
  /** The tab's user has muted it, and nothing of it is heard; left out: so it isn't. */
  muted: v.optional(v.boolean()),
  /** Where the program works; left out, as `here`: in the tab that is shown. */
  place: v.optional(v.picklist(PLACES)),
  stream_id: v.string(),
  protocol: v.picklist(PROTOCOLS),
  quality: v.picklist(QUALITIES),
  /** Of the video by HLS and DASH. */
  codec: v.picklist(CODECS),
  /** px; 0 until the first media arrived. */
  width: v.number(),
  /** px; 0 until the first media arrived. */
  height: v.number(),
  /** Requested frame rate, fps. */
  frame_rate: v.number(),
  /** ISO 8601; media time 0. */
  started_at: v.string(),
  /** ISO 8601; `null` or left out while the stream runs. */
  ended_at: v.optional(v.nullable(v.string())),
  /** ISO 8601 with ms: the host's clock when it sent this, from which a player on another machine computes latency. */
  server_time: v.optional(v.string()),
  /** What the link of this page allows. Only in the response of `GET …/state`. */
  allow: v.optional(v.picklist(LINK_ALLOWS)),
  /** Of its recording, which its owner offers; `null`: it is being made. Only in the response of `GET …/state`, after the end. */
  recording: v.optional(RelativeUrl),
  has_audio: v.boolean(),
  tab_title: v.optional(v.string()),
  /** The protocols that this stream can be watched over, preferred one first. */
  viewing: v.array(v.picklist(VIEWING_PROTOCOLS)),
  urls: v.object({ hls: RelativeUrl, dash: RelativeUrl, whep: RelativeUrl, live: v.optional(RelativeUrl, null) }),
  /** The newest tasks, oldest first. Only in the response of `GET …/state` and in the first event. */
  tasks: v.optional(v.array(PlayerTaskSchema)),
});
/** What the player needs to know of a stream. */
export type PlayerState = v.InferOutput<typeof PlayerStateSchema>;

/** Schema of the list of a wall. */
export const WallStreamsSchema = v.object({
  streams: v.array(
    v.object({
      stream_id: v.string(),
      /** Of the stream's folder, from the root of the host, without a slash at the end. */
      path: v.string(),
      state: v.picklist(STREAM_STATES),
      tab_title: v.string(),
      width: v.number(),
      height: v.number(),
      viewers: v.number(),
    }),
  ),
});
/** A stream on a wall. */
export type WallStream = v.InferOutput<typeof WallStreamsSchema>["streams"][number];

/** Name of the server-sent event that carries a {@link PlayerState} as JSON. */
export const PLAYER_STATE_EVENT = "state";

/** Name of the server-sent event that carries one task as JSON, when it begins, changes or ends. */
export const PLAYER_TASK_EVENT = "task";

/** How many tasks a player is told of when it connects. */
export const PLAYER_TASKS = 100;

/** ms between two heartbeats (comment lines) of `GET …/events`; several missing ones mean a lost connection. */
export const PLAYER_HEARTBEAT = 5_000;
