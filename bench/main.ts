// Entry of `npm run bench`: runs the sections one after the other, prints tables, writes JSON and a plot.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { runColour } from "./colour/section.ts";
import { runCompare } from "./compare/section.ts";
import type { BenchContext } from "./context.ts";
import { runCost } from "./cost/section.ts";
import { runDestinations } from "./destinations/section.ts";
import { runDrift } from "./drift/section.ts";
import { judge } from "./floors.ts";
import { runLatency } from "./latency/section.ts";
import { runLive } from "./live/section.ts";
import { describeMachine } from "./machine.ts";
import { parseOptions } from "./options.ts";
import { startPatternServer } from "./pattern/server.ts";
import { plotSvg } from "./report/plot.ts";
import { reportText } from "./report/text.ts";
import { type BenchResults, type SectionName, USUAL_SECTIONS } from "./results.ts";
import { runStart } from "./start/section.ts";
import { runStill } from "./still/section.ts";
import { runViewers } from "./viewers/section.ts";

/** What each section adds to the results. */
const RUNNERS: Record<SectionName, (context: BenchContext) => Promise<Partial<BenchResults>>> = {
  start: async (context) => ({ start: await runStart(context) }),
  latency: async (context) => ({ latency: await runLatency(context) }),
  cost: async (context) => ({ cost: await runCost(context) }),
  still: async (context) => ({ still: await runStill(context) }),
  destinations: async (context) => ({ destinations: await runDestinations(context) }),
  viewers: async (context) => ({ viewers: await runViewers(context) }),
  live: async (context) => ({ live: await runLive(context) }),
  drift: async (context) => ({ drift: await runDrift(context) }),
  colour: async (context) => ({ colour: await runColour(context) }),
  compare: async (context) => ({ compare: await runCompare(context) }),
};

const ROOT = resolve(import.meta.dirname, "..");
const options = parseOptions(process.argv.slice(2));
const { seconds, quick } = options;
const progress = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
const results: BenchResults = {
  machine: describeMachine(),
  measured_at: new Date().toISOString(),
  seconds,
  quick,
  failed: {},
};

const folder = await mkdtemp(join(tmpdir(), "flybrowser-bench-"));
const pattern = await startPatternServer();
try {
  for (const section of options.only) {
    progress(`section ${section}`);
    try {
      Object.assign(results, await RUNNERS[section]({ ...options, pattern, folder, progress }));
    } catch (error) {
      results.failed[section] = error instanceof Error ? error.message : String(error);
    }
  }
} finally {
  await pattern.close();
  await rm(folder, { recursive: true, force: true });
}

const verdicts = judge(results);
const output = resolve(import.meta.dirname, "results");
await mkdir(output, { recursive: true });
const json = `${JSON.stringify({ ...results, verdicts }, null, 2)}\n`;
await writeFile(join(output, "latest.json"), json);
const plots = [join(output, "latest.svg")];
// The plot in the README changes only with a whole, proper run.
const whole =
  USUAL_SECTIONS.every((name) => options.only.includes(name)) && !quick && Object.keys(results.failed).length === 0;
if (whole) plots.push(resolve(ROOT, "docs/images/bench.svg"));
for (const plot of plots) {
  await mkdir(resolve(plot, ".."), { recursive: true });
  await writeFile(plot, plotSvg(results));
}
process.stdout.write(options.json ? json : `${reportText(results, verdicts)}\n`);
progress(`written: ${[join(output, "latest.json"), ...plots].map((path) => relative(ROOT, path)).join(", ")}`);
process.exit(Object.keys(results.failed).length > 0 ? 1 : 0);
