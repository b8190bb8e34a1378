// How a stream's media are cut and kept: lengths of segments and parts, the window, where numbering begins; tasks as marks.
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import type { Task } from "../../protocol/results.ts";
import { partDuration } from "../ingest/plan.ts";
import type { Mark } from "../packager/mark.ts";
import type { PackagerOptions } from "../packager/packager.ts";

/** ms; shorter than any segment, so that numbers counted by it are above all that a dead host gave out. */
const SHORTEST_SEGMENT = 500;

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
