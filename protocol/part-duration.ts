// How long a part of the stream is: the extension shows a still picture anew as often as the host needs a frame for one.

/** ms; and the same where media are handed on as soon as they come ({@link Profile.eager}): five frames of AAC fit into PART-TARGET then. */
const SHORTEST_PART = 150;
const SHORTEST_EAGER_PART = 100;
/** Frames that a part has at least: at low frame rates it gets longer for that. */
const FRAMES_PER_PART = 3;
/** ms; as long as a frame may be: longer parts, of audio too, would only keep the first viewer waiting. */
const LONGEST_PART = 1_000;

/** ms; least length of a part. `frame_rate`: frames a second at most; `eager`: as the profile says. */
export function leastPartDuration(frame_rate: number, eager: boolean): number {
  const shortest = eager ? SHORTEST_EAGER_PART : SHORTEST_PART;
  return Math.max(shortest, Math.min(LONGEST_PART, Math.round((FRAMES_PER_PART * 1000) / frame_rate)));
}
