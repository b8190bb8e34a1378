// What the views draw: one plain picture of the player, made anew at every change. Never holds behaviour.
import type { PlayerState } from "../protocol/player-messages.ts";
import type { WayId } from "./engines/engine.ts";
import type { Phase } from "./state-machine.ts";
import type { TaskRow } from "./tasks.ts";

/** Places on the timeline, seconds of the video element's own time. */
export interface TimelineWindow {
  readonly oldest: number;
  readonly edge: number;
  readonly position: number;
  /** ms since 1970, by the host's clock, of time 0; `null`: the media don't say. */
  readonly date_zero: number | null;
}

/** Measured figures; `null` where one isn't known. */
export interface Figures {
  /** ms from the making of the picture to its being seen. */
  readonly latency: number | null;
  /** Seconds behind the live edge that are aimed at. */
  readonly target: number | null;
  /** px */
  readonly width: number | null;
  readonly height: number | null;
  /** Frames a second. */
  readonly frame_rate: number | null;
  /** bit/s */
  readonly bitrate: number | null;
  readonly dropped_frames: number | null;
  /** Seconds ready ahead. */
  readonly buffered: number | null;
  /** Playback speed, 1 = as recorded. */
  readonly rate: number;
}

/** Everything that the views draw. */
export interface Snapshot {
  readonly phase: Phase;
  /** When `phase` began, ms since 1970. */
  readonly since: number;
  /** Seconds behind the live edge. */
  readonly behind: number;
  readonly following: boolean;
  /** What the host said last. */
  readonly stream: PlayerState | null;
  /** When the stream ended, ms since 1970. */
  readonly ended_at: number | null;
  readonly timeline: TimelineWindow | null;
  /** What the agent does, as of the picture that is shown. */
  readonly tasks: readonly TaskRow[];
  readonly muted: boolean;
  /** 0 to 1. */
  readonly volume: number;
  /** Whether the viewer has touched the sound. */
  readonly sound_touched: boolean;
  readonly figures: Figures;
  readonly way: WayId | null;
  readonly ways: readonly { readonly id: WayId; readonly label: string }[];
  /** The browser can play none of the ways. */
  readonly unsupported: boolean;
}
