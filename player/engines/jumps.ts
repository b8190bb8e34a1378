// Finds places to jump to: over a hole in what lies ready (a run broke off, another one began), and towards the live
// edge after a slow beginning. Never seeks itself.

/** s; as far from the end of a range a decoder may stop. */
const NEAR = 0.3;
/** s; past the beginning of a range, so that rounding doesn't miss it. */
const INTO = 0.01;

/** What is read of a video element. */
export type Playing = Pick<HTMLVideoElement, "currentTime" | "paused" | "ended" | "readyState" | "buffered">;

/**
 * Where to go on when playback has come to a hole with media behind it, seconds of the element's own time; `null`
 * while it plays, is held, or waits for what is still to come.
 */
export function overGap({ currentTime, paused, ended, readyState, buffered }: Playing): number | null {
  // HAVE_FUTURE_DATA
  if (paused || ended || readyState >= 3) return null;
  for (let index = 0; index < buffered.length; index++) {
    const start = buffered.start(index);
    if (start <= currentTime) {
      if (buffered.end(index) - currentTime > NEAR) return null;
    } else return index === 0 || currentTime >= buffered.end(index - 1) - NEAR ? start + INTO : null;
  }
  return null;
}

/** s past the target that a beginning may be late without a jump: less is made up by speed. */
const LATE = 0.6;
/** s that must lie ready after the jump. */
const READY = 0.35;

/** Where to go on when playback has begun further from the edge than it should; `null`: near enough, or can't. */
export function towardsEdge(playing: Playing, behind: number, target: number): number | null {
  const { currentTime, readyState, buffered } = playing;
  const excess = behind - target;
  if (excess < LATE || readyState < 3 || buffered.length === 0) return null;
  const room = buffered.end(buffered.length - 1) - READY - currentTime;
  return room < LATE ? null : currentTime + Math.min(excess, room);
}
