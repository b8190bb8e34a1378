// The shape of bench/results/latest.json.
import type { ColourRow } from "./colour/section.ts";
import type { CompareResult } from "./compare/section.ts";
import type { CostRow } from "./cost/section.ts";
import type { DestinationsResult } from "./destinations/section.ts";
import type { DriftResult } from "./drift/section.ts";
import type { LatencyRow } from "./latency/section.ts";
import type { LiveRow } from "./live/section.ts";
import type { Machine } from "./machine.ts";
import type { StartResult } from "./start/section.ts";
import type { StillRow } from "./still/section.ts";
import type { ViewersResult } from "./viewers/section.ts";

/** Names of the sections, in the order in which they run. */
export const SECTIONS = [
  "start",
  "latency",
  "cost",
  "still",
  "destinations",
  "viewers",
  "live",
  "drift",
  "colour",
  "compare",
] as const;
/** Sections that need nothing but this machine: "compare" needs another checkout. */
export const USUAL_SECTIONS: readonly SectionName[] = SECTIONS.filter((name) => name !== "compare");
/** Name of a section. */
export type SectionName = (typeof SECTIONS)[number];

/** All figures of a run; a section that wasn't run, or failed whole, is missing. */
export interface BenchResults {
  readonly machine: Machine;
  /** ISO 8601 */
  readonly measured_at: string;
  /** Seconds for each figure. */
  readonly seconds: number;
  /** Run shorter than it should: figures of no worth. */
  readonly quick: boolean;
  start?: StartResult;
  latency?: LatencyRow[];
  cost?: CostRow[];
  still?: StillRow[];
  destinations?: DestinationsResult;
  viewers?: ViewersResult;
  live?: LiveRow[];
  drift?: DriftResult;
  colour?: ColourRow[];
  compare?: CompareResult;
  /** Sections that failed whole, with the reason. */
  readonly failed: Partial<Record<SectionName, string>>;
}
