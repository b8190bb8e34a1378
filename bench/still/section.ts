// The section "still": what a page costs on which nothing moves, alone, streamed, and recorded by a peer; in turns.
import { join } from "node:path";
import type { BenchContext } from "../context.ts";
import { type CostSample, measureSubject } from "../cost/measure.ts";
import type { SubjectName } from "../cost/subject.ts";
import { ROLES, type Role } from "../processes.ts";
import { type Summary, summarize } from "../statistics.ts";

interface Way {
  readonly name: "tab" | "chain" | "chain-parts" | "puppeteer-stream";
  readonly title: string;
  readonly subject: SubjectName;
  readonly reads: "segments" | "parts";
}

const WAYS: readonly Way[] = [
  { name: "tab", title: "tab alone", subject: "tab", reads: "segments" },
  { name: "chain", title: "FlyBrowser Stream, one HLS reader", subject: "chain", reads: "segments" },
  { name: "chain-parts", title: "FlyBrowser Stream, one LL-HLS reader", subject: "chain", reads: "parts" },
  {
    name: "puppeteer-stream",
    title: "puppeteer-stream, asked for 30 frames/s",
    subject: "puppeteer-stream",
    reads: "segments",
  },
];

/** A row of the table. */
export interface StillRow extends Pick<Way, "name" | "title"> {
  /** CPU cores, by role and in all. */
  readonly cores: Record<Role | "total", Summary> | null;
  /** CPU cores that everything else on the machine used meanwhile. */
  readonly elsewhere: Summary | null;
  /** Why there are no figures. */
  readonly failed: string | null;
}

const ROUNDS = 3;
const LEAST_SECONDS = 15;

function byRole(samples: readonly CostSample[]): Record<Role | "total", Summary> {
  const of = (role: Role) => summarize(samples.map(({ cores }) => cores[role]));
  const total = summarize(samples.map(({ cores }) => ROLES.reduce((sum, role) => sum + cores[role], 0)));
  return { browser: of("browser"), host: of("host"), ffmpeg: of("ffmpeg"), driver: of("driver"), total };
}

/** Measures all ways. One that can't run here gives a row that says why. */
export async function runStill(context: BenchContext): Promise<StillRow[]> {
  const samples = new Map<string, CostSample[]>();
  const failures = new Map<string, string>();
  const seconds = context.quick ? context.seconds : Math.max(LEAST_SECONDS, context.seconds / 2);
  for (let round = 0; round < (context.quick ? 1 : ROUNDS); round++) {
    for (const { name, subject, reads } of WAYS) {
      if (failures.has(name)) continue;
      context.progress(`still: ${name}, round ${round + 1}`);
      try {
        const folder = join(context.folder, `still-${name}-${round}`);
        const sample = await measureSubject(subject, context.pattern.stillUrl, folder, seconds, reads);
        samples.set(name, [...(samples.get(name) ?? []), sample]);
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return WAYS.map(({ name, title }) => {
    const own = samples.get(name) ?? [];
    const failed = failures.get(name) ?? null;
    if (own.length === 0) return { name, title, cores: null, elsewhere: null, failed };
    return { name, title, cores: byRole(own), elsewhere: summarize(own.map(({ elsewhere }) => elsewhere)), failed };
  });
}
