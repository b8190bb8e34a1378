// What the player knows, what may happen to it, and the one word for it that the viewer is shown.
// Pure: no clock, no DOM, no network; times come in as ms of one clock.

/** What the host says about the stream. `gone`: it answers that there is no such stream. */
export type ServerState = "unknown" | "starting" | "live" | "recovering" | "stopped" | "failed" | "gone";

/**
 * The word that the viewer is shown. `live`: pictures advance near the live edge. `rewound`: they advance
 * further back. `finishing`: the stream is over and its rest plays.
 */
export type Phase = "connecting" | "live" | "rewound" | "paused" | "reconnecting" | "finishing" | "ended";

/** Facts, each from one source; everything else is derived from them. */
export interface PlaybackState {
  readonly server: ServerState;
  /** Whether the host answered the last time it was asked. */
  readonly reachable: boolean;
  /** ms since 1970 at which the stream ended, as the host said or as it was noticed. */
  readonly ended_at: number | null;
  /** The viewer (or the browser's autoplay rule) holds the picture. */
  readonly held: boolean;
  /** The viewer wants to be at the live edge. */
  readonly following: boolean;
  /** When a picture last advanced, ms; `null`: none yet. */
  readonly advanced_at: number | null;
  /** Until when a standstill is normal: a seek or a resume was just asked for, ms. */
  readonly patient_until: number;
  /** The media said themselves that nothing follows. */
  readonly media_ended: boolean;
  /** Seconds behind the live edge. */
  readonly behind: number;
  /** Seconds behind the live edge that playback aims at. */
  readonly target: number;
  /** When the first attempt began, ms. */
  readonly opened_at: number;
}

/** What may happen. `now`: ms of the same clock as everywhere here. */
export type PlaybackEvent =
  | { readonly type: "server"; readonly server: ServerState; readonly ended_at: number | null; readonly now: number }
  | { readonly type: "unreachable" }
  | {
      readonly type: "sample";
      readonly advanced: boolean;
      readonly behind: number;
      readonly target: number;
      readonly now: number;
    }
  | { readonly type: "media_ended"; readonly ended: boolean }
  | { readonly type: "hold" }
  | { readonly type: "resume"; readonly now: number }
  | { readonly type: "seek"; readonly behind: number; readonly now: number }
  | { readonly type: "go_live"; readonly now: number };

/** ms without a new picture after which playback counts as standing still. */
export const STALL = 1_500;
/** ms that a seek or a resume may take before its standstill counts. */
export const PATIENCE = 3_000;
/** ms of waiting for the first picture after which it is called reconnecting. */
export const FIRST_PICTURE = 12_000;
/** Seconds past the target that still count as near the live edge; who follows it and is further is brought back. */
export const NEAR = 5;
/** Seconds past the target within which a viewer who resumes or seeks is taken to follow the edge. */
export const CLOSE = 2.5;

/** The state of a player that was just opened. */
export function initialState(now: number): PlaybackState {
  return {
    server: "unknown",
    reachable: true,
    ended_at: null,
    held: false,
    following: true,
    advanced_at: null,
    patient_until: now,
    media_ended: false,
    behind: 0,
    target: 1,
    opened_at: now,
  };
}

/** Whether the host has said that the stream is over; it never comes back then. */
export function isOver(state: PlaybackState): boolean {
  return state.server === "stopped" || state.server === "failed" || state.server === "gone";
}

/** The state after `event`. The same object when nothing changed. */
export function reduce(state: PlaybackState, event: PlaybackEvent): PlaybackState {
  switch (event.type) {
    case "server": {
      // The end is final; only a fuller word about it (stopped, then gone) may follow, and adds nothing.
      if (isOver(state)) return state.reachable ? state : { ...state, reachable: true };
      const next = { ...state, server: event.server, reachable: true };
      return isOver(next) ? { ...next, ended_at: event.ended_at ?? event.now } : next;
    }
    case "unreachable":
      return state.reachable ? { ...state, reachable: false } : state;
    case "sample":
      return {
        ...state,
        advanced_at: event.advanced ? event.now : state.advanced_at,
        behind: event.behind,
        target: event.target,
      };
    case "media_ended":
      return state.media_ended === event.ended ? state : { ...state, media_ended: event.ended };
    case "hold":
      return { ...state, held: true, following: false };
    case "resume":
      return {
        ...state,
        held: false,
        following: state.following || isClose(state.behind, state.target),
        patient_until: event.now + PATIENCE,
      };
    case "seek":
      return {
        ...state,
        behind: event.behind,
        following: isClose(event.behind, state.target),
        media_ended: false,
        patient_until: event.now + PATIENCE,
      };
    case "go_live":
      return { ...state, held: false, following: true, patient_until: event.now + PATIENCE };
  }
}

function isClose(behind: number, target: number): boolean {
  return behind <= target + CLOSE;
}

/** Whether pictures advance at `now`. */
export function isAdvancing(state: PlaybackState, now: number): boolean {
  return state.advanced_at !== null && now - state.advanced_at < STALL;
}

/** The word for `state` at `now`. */
export function phaseOf(state: PlaybackState, now: number): Phase {
  const advancing = isAdvancing(state, now);
  if (isOver(state)) {
    if (state.media_ended || state.advanced_at === null) return "ended";
    if (state.held) return "paused";
    return advancing || now < state.patient_until ? "finishing" : "ended";
  }
  if (state.held) return "paused";
  if (advancing) return state.behind <= state.target + NEAR ? "live" : "rewound";
  if (state.advanced_at === null) {
    return state.reachable && now - state.opened_at < FIRST_PICTURE ? "connecting" : "reconnecting";
  }
  // A seek is not a loss: the last word stands while the player fetches the new place.
  if (now < state.patient_until && state.reachable) return state.following ? "live" : "rewound";
  return "reconnecting";
}

/** Whether a viewer who follows the edge has fallen so far behind that catching up by speed would take a minute. */
export function shouldJump(state: PlaybackState): boolean {
  return state.following && !state.held && !isOver(state) && state.behind > state.target + NEAR;
}
