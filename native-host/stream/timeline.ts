// How a stream's media are cut and kept: lengths of segments and parts, the window, where numbering begins.
// Pure; never holds media.
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import type { Task } from "../../protocol/results.ts";
import type { Mark } from "../packager/mark.ts";
import type { PackagerOptions } from "../packager/packager.ts";

/** ms */
const SHORTEST_PART = 150;
/** Frames that a part has at least: at low frame rates it gets longer for that. */
const FRAMES_PER_PART = 3;
/** ms; as long as a frame may be: longer parts, of the sound too, would only keep the first viewer waiting. */
const LONGEST_PART = 1_000;
/** ms; shorter than any segment, so that numbers counted by it are above all that a dead host gave out. */
const SHORTEST_SEGMENT = 500;

/** ms; least length of a part, and of a fragment from FFmpeg. */
export function partDuration(options: ResolvedStartStreamOptions): number {
  const frame_rate = options.frame_rate ?? PROFILES[options.quality].frame_rate;
  return Math.max(SHORTEST_PART, Math.min(LONGEST_PART, Math.round((FRAMES_PER_PART * 1000) / frame_rate)));
}

/** What the packager of a stream is made with. `window`: what viewers can go back to; `now`: epoch ms. */
export function packagerOptions(
  identity: StreamIdentity,
  options: ResolvedStartStreamOptions,
  window: PackagerOptions["window"],
  now: number,
): PackagerOptions {
  const elapsed = Math.max(0, now - identity.started_at);
  return {
    segment_duration: PROFILES[options.quality].keyframe_interval,
    part_duration: partDuration(options),
    window,
    started_at: identity.started_at,
    first_sequence: identity.generation === 0 ? 0 : Math.floor(elapsed / SHORTEST_SEGMENT),
  };
}

/** Tasks as marks on the stream's clock, which begins at `started_at` (epoch ms). */
export function marksOf(tasks: readonly Task[], started_at: number): Mark[] {
  const on = (time: string) => Date.parse(time) - started_at;
  return tasks.map(({ task_id: id, name, parent_id, started_at: began, ended_at, state, detail }) => ({
    ...{ id, name, parent_id, state, detail },
    start: on(began),
    end: ended_at === null ? null : on(ended_at),
  }));
}
