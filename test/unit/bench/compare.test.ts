// The comparison of two builds: medians of each side, ratios of each pair; and what its flags ask for.
import { expect, it, vi } from "vitest";
import { type CompareSample, compareRows, FIGURES } from "../../../bench/compare/section.ts";
import { parseOptions } from "../../../bench/options.ts";
import { USUAL_SECTIONS } from "../../../bench/results.ts";

const sample = (host_cores: number): CompareSample => ({
  ...(Object.fromEntries(Object.keys(FIGURES).map((figure) => [figure, 1])) as CompareSample),
  host_cores,
});

it("compares each pair for itself, so that a slow minute of the machine weighs on both sides", () => {
  const pairs = [
    { old: sample(0.1), new: sample(0.05) },
    { old: sample(0.4), new: sample(0.2) },
    { old: sample(0.1), new: sample(0.06) },
  ];
  const row = compareRows(pairs).find(({ figure }) => figure === "host_cores");
  expect(row?.old.median).toBe(0.1);
  expect(row?.new.median).toBe(0.06);
  expect(row?.ratio).toMatchObject({ median: 0.5, min: 0.5, count: 3 });
  expect(row?.ratio.max).toBeCloseTo(0.6);
});

it("is left out of a usual run, and refuses to run without a built checkout", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((status) => {
    throw new Error(`exit ${status}`);
  });
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(parseOptions([])).toMatchObject({ only: USUAL_SECTIONS, against: null, pairs: 5, seconds: 30 });
  expect(() => parseOptions(["--only", "compare"])).toThrow("exit 1");
  expect(() => parseOptions(["--only", "compare", "--against", import.meta.dirname])).toThrow("exit 1");
  expect(said.mock.calls.map(([line]) => String(line))).toEqual([
    expect.stringContaining("needs --against"),
    expect.stringContaining("There is no build in it"),
  ]);
  exit.mockRestore();
  said.mockRestore();
});
