// `npm run chaos -- --seed 7 --minutes 10`: see chaos.ts. Prints what happened; the exit status says whether all held.
import { parseArgs } from "node:util";
import { runChaos } from "./chaos.ts";

const { values } = parseArgs({ options: { seed: { type: "string" }, minutes: { type: "string", default: "10" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const minutes = Number(values.minutes);
if (!Number.isInteger(seed) || !(minutes > 0)) {
  process.stderr.write("--seed takes a whole number, --minutes one above 0.\n");
  process.exit(1);
}
const say = (line: string) => void process.stdout.write(`${line}\n`);
say(`seed ${seed}, ${minutes} min`);
const report = await runChaos({ seed, duration: minutes * 60_000, pause: [5_000, 15_000], say });
for (const name of new Set(report.faults.map((fault) => fault.name))) {
  const all = report.faults.filter((fault) => fault.name === name).map(({ recovered }) => Math.round(recovered));
  say(`${name}: ${all.length} times, went on after ${all.sort((a, b) => a - b).join(", ")} ms`);
}
say(
  `playlists stood still for ${Math.round(report.longest_still)} ms at most, the viewer's picture ${Math.round(report.longest_frozen)} ms; ${report.looks} looks`,
);
for (const problem of report.problems) say(`PROBLEM ${problem}`);
say(report.problems.length === 0 ? "all held" : `${report.problems.length} problems, seed ${seed}`);
process.exitCode = report.problems.length === 0 ? 0 : 1;
