// How a stream's media are cut and kept: lengths of segments and parts, the window, where numbering begins; tasks as marks.
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { paceOf } from "../../protocol/quality-change.ts";
import { partDuration } from "../ingest/plan.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import type { Mark } from "../packager/mark.ts";
import type { PackagerOptions } from "../packager/packager.ts";
import type { TimedTask } from "./task-store.ts";

/** ms; shorter than any segment, so that numbers counted by it are above all that a dead host gave out. */
const SHORTEST_SEGMENT = 500;

/** What the packager of a stream is made with. `window`: what viewers can go back to. */
export function packagerOptions(
  identity: StreamIdentity,
  options: ResolvedStartStreamOptions,
  window: PackagerOptions["window"],
  clock: Pick<StreamClock, "now" | "ahead" | "wall">,
): PackagerOptions {
  const elapsed = Math.max(0, clock.now - identity.started_at);
  return {
    segment_duration: paceOf(options).keyframe_interval,
    part_duration: partDuration(options),
    eager: paceOf(options).eager,
    ...{ window, clock },
    started_at: identity.started_at,
    missing: identity.missing ?? 0,
    first_sequence: identity.generation === 0 ? 0 : Math.floor(elapsed / SHORTEST_SEGMENT),
  };
}

/** Tasks as marks in media time, which begins at `started_at` of the stream's clock. */
export function marksOf(tasks: readonly TimedTask[], started_at: number): Mark[] {
  return tasks.map(({ task: { task_id: id, name, parent_id, state, detail }, start, end }) => ({
    ...{ id, name, parent_id, state, detail },
    start: start - started_at,
    end: end === null ? null : end - started_at,
  }));
}
