// The section "cost": every subject in turn, for several rounds, so that other load on the machine falls on all of them.
import { join } from "node:path";
import type { BenchContext } from "../context.ts";
import { ROLES, type Role } from "../processes.ts";
import { type Summary, summarize } from "../statistics.ts";
import { type CostSample, measureSubject } from "./measure.ts";
import { SUBJECTS, type SubjectInfo } from "./subject.ts";

/** A row of the table. */
export interface CostRow extends SubjectInfo {
  /** CPU cores, by role and in all. */
  readonly cores: Record<Role | "total", Summary> | null;
  /** MiB, by role and in all. */
  readonly memory: Record<Role | "total", Summary> | null;
  readonly distinct_fps: Summary | null;
  /** ms from the page to the glass of the first viewer by WebRTC. */
  readonly latency: Summary | null;
  /** CPU cores that everything else on the machine used meanwhile: the noise in the figures. */
  readonly elsewhere: Summary | null;
  /** Why there are no figures. */
  readonly failed: string | null;
}

const ROUNDS = 3;
const LEAST_SECONDS = 15;

function byRole(samples: readonly CostSample[], figure: "cores" | "memory"): Record<Role | "total", Summary> {
  const of = (role: Role) => summarize(samples.map((sample) => sample[figure][role]));
  const total = summarize(samples.map((sample) => ROLES.reduce((sum, role) => sum + sample[figure][role], 0)));
  return { browser: of("browser"), host: of("host"), ffmpeg: of("ffmpeg"), driver: of("driver"), total };
}

/** Measures all subjects. One that can't run here gives a row that says why. */
export async function runCost(context: BenchContext): Promise<CostRow[]> {
  const page = context.pattern.url({ fps: 30, sound: true });
  const samples = new Map<string, CostSample[]>();
  const failures = new Map<string, string>();
  const chosen = SUBJECTS.filter(({ name }) => context.subjects === null || context.subjects.includes(name));
  for (let round = 0; round < (context.quick ? 1 : ROUNDS); round++) {
    for (const { name } of chosen) {
      if (failures.has(name)) continue;
      context.progress(`cost: ${name}, round ${round + 1}`);
      try {
        const folder = join(context.folder, `cost-${name}-${round}`);
        const sample = await measureSubject(
          name,
          page,
          folder,
          context.quick ? context.seconds : Math.max(LEAST_SECONDS, context.seconds / 2),
        );
        samples.set(name, [...(samples.get(name) ?? []), sample]);
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return chosen.map((subject) => {
    const own = samples.get(subject.name) ?? [];
    const failed = failures.get(subject.name) ?? null;
    if (own.length === 0)
      return { ...subject, cores: null, memory: null, distinct_fps: null, latency: null, elsewhere: null, failed };
    const elsewhere = summarize(own.map((sample) => sample.elsewhere));
    const delays = own.flatMap(({ latency }) => (latency === null ? [] : [latency]));
    const fps = summarize(own.map((sample) => sample.distinct_fps));
    return {
      ...subject,
      cores: byRole(own, "cores"),
      memory: byRole(own, "memory"),
      distinct_fps: fps,
      latency: delays.length > 0 ? summarize(delays) : null,
      elsewhere,
      failed,
    };
  });
}
