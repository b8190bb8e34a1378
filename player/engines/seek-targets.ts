// Where to seek when playback is stuck at a gap in the buffer, or began too far behind the live edge.

/** s before the end of a buffered range at which a decoder may already stop. */
const NEAR_END = 0.3;
/** s past the start of a range, so that rounding doesn't miss it. */
const INSIDE = 0.01;

/** What is read of a video element. */
export type PlaybackElement = Pick<HTMLVideoElement, "currentTime" | "paused" | "ended" | "readyState" | "buffered">;

/**
 * The other side of the gap that playback is stuck at, in seconds of the element's own time; `null`: it plays, is paused, or
 * waits for media still to be loaded.
 */
export function overGap({ currentTime, paused, ended, readyState, buffered }: PlaybackElement): number | null {
  // HAVE_FUTURE_DATA
  if (paused || ended || readyState >= 3) return null;
  for (let index = 0; index < buffered.length; index++) {
    const start = buffered.start(index);
    if (start <= currentTime) {
      if (buffered.end(index) - currentTime > NEAR_END) return null;
    } else return index === 0 || currentTime >= buffered.end(index - 1) - NEAR_END ? start + INSIDE : null;
  }
  return null;
}

/** s past the target latency that playback rate alone makes up for. */
const TOLERANCE = 0.6;
/** s that must be buffered after the seek. */
const RESERVE = 0.35;

/** Where to seek to get from `behind` nearer to the target latency (both s); `null`: near enough, or too little is buffered. */
export function towardsEdge(element: PlaybackElement, behind: number, target: number): number | null {
  const { currentTime, readyState, buffered } = element;
  const excess = behind - target;
  if (excess < TOLERANCE || readyState < 3 || buffered.length === 0) return null;
  const room = buffered.end(buffered.length - 1) - RESERVE - currentTime;
  return room < TOLERANCE ? null : currentTime + Math.min(excess, room);
}
