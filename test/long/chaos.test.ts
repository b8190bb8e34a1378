// A short run of `npm run chaos` with a seed of its own: see test/endurance/chaos.ts.
import { expect, test } from "vitest";
import { runChaos } from "../endurance/chaos.ts";

test("a minute of faults by chance: nothing that must not be", async () => {
  const lines: string[] = [];
  const report = await runChaos({
    seed: 20_260_131,
    duration: 60_000,
    pause: [2_000, 5_000],
    say: (line) => lines.push(line),
  });
  expect(report.problems, lines.join("\n")).toEqual([]);
  expect(report.faults.length).toBeGreaterThan(2);
});
