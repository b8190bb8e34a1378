// How long a part of the stream is: the extension shows a still picture anew as often as the host needs a frame for one.

/** ms */
const SHORTEST_PART = 150;
/** Frames that a part has at least: at low frame rates it gets longer for that. */
const FRAMES_PER_PART = 3;
/** ms; as long as a frame may be: longer parts, of audio too, would only keep the first viewer waiting. */
const LONGEST_PART = 1_000;

/** ms; least length of a part, and of a fragment from FFmpeg. `frame_rate`: frames a second at most. */
export function leastPartDuration(frame_rate: number): number {
  return Math.max(SHORTEST_PART, Math.min(LONGEST_PART, Math.round((FRAMES_PER_PART * 1000) / frame_rate)));
}
