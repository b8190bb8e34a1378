// What the host tells the player page: `GET .../state` once, and the same as server-sent events on each change.
// Never holds the media, the playlists or a secret.
import * as v from "valibot";
import { PROTOCOLS } from "./options.ts";
import type { ViewingWay } from "./profiles.ts";
import { QUALITIES } from "./profiles.ts";
import { STREAM_STATES, TaskSchema } from "./results.ts";

const VIEWING_WAYS = ["webrtc", "ll-hls", "dash", "hls"] as const satisfies readonly ViewingWay[];
/** Address relative to the player page. */
const RelativeUrl = v.nullable(v.string());

/** Schema of what the player shows and plays. */
export const PlayerStateSchema = v.object({
  /** `stopped` and `error` are final: the media end there. */
  state: v.picklist(STREAM_STATES),
  stream_id: v.string(),
  protocol: v.picklist(PROTOCOLS),
  quality: v.picklist(QUALITIES),
  /** px; 0 until the first media came. */
  width: v.number(),
  /** px; 0 until the first media came. */
  height: v.number(),
  /** Frames a second that were asked for. */
  frame_rate: v.number(),
  /** ISO 8601; media time 0. */
  started_at: v.string(),
  /** ISO 8601; `null` or left out while it goes on. */
  ended_at: v.optional(v.nullable(v.string())),
  /** ISO 8601 with ms: the host's clock at the moment of the answer, by which latency is computed on another machine. */
  server_time: v.optional(v.string()),
  has_audio: v.boolean(),
  tab_title: v.optional(v.string()),
  /** Ways to view that this stream offers, best first. */
  viewing: v.array(v.picklist(VIEWING_WAYS)),
  /** Relative to the player page; `null`: not offered. */
  urls: v.object({ hls: RelativeUrl, dash: RelativeUrl, whep: RelativeUrl }),
  /** The newest tasks, oldest first: in the answer of `GET .../state` and in the first event, never in later ones. */
  tasks: v.optional(v.array(TaskSchema)),
});
/** What the player shows and plays. */
export type PlayerState = v.InferOutput<typeof PlayerStateSchema>;

/** Name of the server-sent event that carries a {@link PlayerState} as JSON. */
export const PLAYER_STATE_EVENT = "state";

/** Name of the server-sent event that carries one task as JSON: it has begun, changed or ended. */
export const PLAYER_TASK_EVENT = "task";

/** Tasks that a player is told of at first. */
export const PLAYER_TASKS = 100;

/** ms between two heartbeats (comment lines) of `GET .../events`; silence of several means a lost connection. */
export const PLAYER_HEARTBEAT = 5_000;
