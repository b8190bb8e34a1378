// What the views draw: the player's state at one moment, made anew at every change.
import type { PlayerState } from "../protocol/player-messages.ts";
import type { EngineQualities, PlaybackProtocol } from "./engines/engine.ts";
import type { Phase } from "./state-machine.ts";
import type { PlaybackStats } from "./stats.ts";
import type { TaskRow } from "./tasks.ts";
import type { TimelineWindow } from "./timeline.ts";

/** Everything that the views draw. */
export interface Snapshot {
  readonly phase: Phase;
  /** When `phase` began, ms since 1970. */
  readonly since: number;
  /** s behind the live edge. */
  readonly behind: number;
  /** Whether playback stays at the live edge. */
  readonly following: boolean;
  /** The host's latest message. */
  readonly stream: PlayerState | null;
  /** When the stream ended, ms since 1970. */
  readonly ended_at: number | null;
  readonly timeline: TimelineWindow | null;
  /** Whether what there was can be watched again, now that the stream has ended. */
  readonly replayable: boolean;
  /** Address of the recording that its owner offers, now that the stream has ended. */
  readonly recording: string | null;
  /** The agent's tasks as of the frame that is shown. */
  readonly tasks: readonly TaskRow[];
  readonly muted: boolean;
  /** 0 to 1. */
  readonly volume: number;
  /** Whether the viewer has muted, unmuted or set the volume. */
  readonly sound_touched: boolean;
  /** Playback rate that the viewer has chosen. */
  readonly speed: number;
  readonly stats: PlaybackStats;
  /** The protocol in use. */
  readonly protocol: PlaybackProtocol | null;
  /** The protocols to choose from. */
  readonly protocols: readonly PlaybackProtocol[];
  /** The renditions to choose from, and which is chosen (`null`: as the connection allows). */
  readonly qualities: EngineQualities & { readonly selected: string | null };
  /** The browser supports none of the protocols. */
  readonly unsupported: boolean;
  /** The browser has no decoder for the stream's codec, and there is no other way to play it. */
  readonly undecodable: boolean;
}
