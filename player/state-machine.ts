// The playback state machine: the facts, the events that change them, and the phase that the viewer is shown.
// Pure: all times come in as ms of one clock.

/** What the host says about the stream. `gone`: it responds that there is no such stream. */
export type ServerState = "unknown" | "starting" | "live" | "recovering" | "stopped" | "failed" | "gone";

/**
 * What the viewer is shown. `live`: playing near the live edge. `rewound`: playing further back. `finishing`: the stream is
 * over, its rest still plays. `lost`: the host has been silent for so long that it is likely off; it is still asked.
 */
export type Phase = "connecting" | "live" | "rewound" | "paused" | "reconnecting" | "lost" | "finishing" | "ended";

/** Facts, each from one source. Everything else is derived from them. */
export interface PlaybackState {
  readonly server: ServerState;
  /** Whether the host responded the last time. */
  readonly reachable: boolean;
  /** When it failed to respond first since then, ms; `null`: it responds. */
  readonly unreachable_since: number | null;
  /** When the stream ended by the host's word, or when the player noticed; ms since 1970. */
  readonly ended_at: number | null;
  /** By the viewer, or by the browser's autoplay policy. */
  readonly paused: boolean;
  /** Playback should stay at the live edge. */
  readonly following: boolean;
  /** When the last new frame was shown, ms; `null`: none yet. */
  readonly last_frame_at: number | null;
  /** Until when a stall is expected, after a seek or a resume; ms. */
  readonly grace_until: number;
  /** Playback has reached the end of the media. */
  readonly media_ended: boolean;
  /** Playback rate that the viewer has chosen; it holds behind the live edge. */
  readonly speed: number;
  /** s behind the live edge. */
  readonly behind: number;
  /** Target latency, s behind the live edge. */
  readonly target: number;
  /** When the player was opened, ms. */
  readonly opened_at: number;
}

/** What can happen. */
export type PlaybackEvent =
  | { readonly type: "server"; readonly server: ServerState; readonly ended_at: number | null; readonly now: number }
  | { readonly type: "unreachable"; readonly now: number }
  | {
      readonly type: "sample";
      readonly advanced: boolean;
      readonly behind: number;
      readonly target: number;
      readonly now: number;
    }
  | { readonly type: "media_ended"; readonly ended: boolean }
  | { readonly type: "pause" }
  | { readonly type: "resume"; readonly now: number }
  | { readonly type: "seek"; readonly behind: number; readonly now: number }
  | { readonly type: "go_live"; readonly now: number }
  | { readonly type: "speed"; readonly speed: number };

/** ms without a new frame after which playback counts as stalled. */
export const STALL = 1_500;
/** ms that a seek or a resume may take before it counts as a stall. */
export const GRACE = 3_000;
/** ms without a first frame after which the phase is `reconnecting`. */
export const FIRST_FRAME_TIMEOUT = 12_000;
/** ms without a response of the host and without a new frame after which the phase is `lost`. */
export const LOST = 60_000;
/** s past the target latency that still count as live; a viewer who follows and is further behind is brought back. */
export const NEAR = 5;
/** s past the target latency within which a viewer who resumes or seeks follows the live edge again. */
export const CLOSE = 2.5;

/** The state of a player that was opened at `now`. */
export function initialState(now: number): PlaybackState {
  return {
    server: "unknown",
    reachable: true,
    unreachable_since: null,
    ended_at: null,
    paused: false,
    following: true,
    last_frame_at: null,
    grace_until: now,
    media_ended: false,
    speed: 1,
    behind: 0,
    target: 1,
    opened_at: now,
  };
}

/** Whether the stream is over, which is final. */
export function isOver(state: PlaybackState): boolean {
  return state.server === "stopped" || state.server === "failed" || state.server === "gone";
}

/** The state after `event`; the same object if nothing changed. */
export function reduce(state: PlaybackState, event: PlaybackEvent): PlaybackState {
  switch (event.type) {
    case "server": {
      // The end is final: what follows it (gone after stopped) adds nothing.
      if (isOver(state)) return state.reachable ? state : { ...state, reachable: true, unreachable_since: null };
      const next = { ...state, server: event.server, reachable: true, unreachable_since: null };
      return isOver(next) ? { ...next, ended_at: event.ended_at ?? event.now } : next;
    }
    case "unreachable":
      return state.reachable ? { ...state, reachable: false, unreachable_since: event.now } : state;
    case "sample": {
      // Who plays faster arrives at the live edge, and stays there.
      const arrived = state.speed > 1 && !state.following && !state.paused && event.behind <= event.target;
      return {
        ...state,
        last_frame_at: event.advanced ? event.now : state.last_frame_at,
        behind: event.behind,
        target: event.target,
        ...(arrived && !isOver(state) && { following: true, speed: 1 }),
      };
    }
    case "media_ended":
      return state.media_ended === event.ended ? state : { ...state, media_ended: event.ended };
    case "pause":
      return { ...state, paused: true, following: false };
    case "resume":
      return {
        ...state,
        paused: false,
        following: state.following || isClose(state.behind, state.target),
        grace_until: event.now + GRACE,
      };
    case "seek":
      return {
        ...state,
        behind: event.behind,
        following: isClose(event.behind, state.target),
        media_ended: false,
        grace_until: event.now + GRACE,
      };
    case "go_live":
      return { ...state, paused: false, following: true, speed: 1, grace_until: event.now + GRACE };
    case "speed": {
      // At the live edge there is nothing to play faster.
      const atEdge = state.following && !isOver(state);
      if (atEdge && event.speed >= 1) return state.speed === 1 ? state : { ...state, speed: 1 };
      return { ...state, speed: event.speed, following: false };
    }
  }
}

function isClose(behind: number, target: number): boolean {
  return behind <= target + CLOSE;
}

/** s of media ahead: with less nothing can be shown soon. */
const STARVED = 0.3;

/**
 * Whether nothing can be shown, though frames should be coming: something smaller may have to be loaded. Where a viewer has just gone there is
 * nothing yet, on any line. `buffered`: s of media ahead. A last picture or two may come late, while the sound goes on.
 */
export function isStarved(state: PlaybackState, advanced: boolean, buffered: number, now: number): boolean {
  if (state.paused || isOver(state) || !state.reachable || state.last_frame_at === null) return false;
  return now >= state.grace_until && (buffered === 0 || (!advanced && buffered < STARVED));
}

/** Whether playback was advancing at `now`. */
export function isAdvancing(state: PlaybackState, now: number): boolean {
  return state.last_frame_at !== null && now - state.last_frame_at < STALL;
}

/** The phase of `state` at `now`. */
export function phaseOf(state: PlaybackState, now: number): Phase {
  const advancing = isAdvancing(state, now);
  if (isOver(state)) {
    if (state.media_ended || state.last_frame_at === null) return "ended";
    if (state.paused) return "paused";
    return advancing || now < state.grace_until ? "finishing" : "ended";
  }
  if (state.paused) return "paused";
  if (advancing) return state.behind <= state.target + NEAR ? "live" : "rewound";
  if (state.unreachable_since !== null && now - state.unreachable_since > LOST) return "lost";
  if (state.last_frame_at === null) {
    return state.reachable && now - state.opened_at < FIRST_FRAME_TIMEOUT ? "connecting" : "reconnecting";
  }
  // A seek is no loss of connection: the phase stays while the player loads the new position.
  if (now < state.grace_until && state.reachable) return state.following ? "live" : "rewound";
  return "reconnecting";
}

/** Whether a viewer who follows has fallen so far behind that catching up by playback rate would take a minute. */
export function shouldSeekToLive(state: PlaybackState): boolean {
  return state.following && !state.paused && !isOver(state) && state.behind > state.target + NEAR;
}
