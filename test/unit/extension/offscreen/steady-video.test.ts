// Which sizes count, and which pass; how many frames are given on.
import { expect, test } from "vitest";
import { PASSING, PASSING_SLIVER, SizeGate } from "../../../../extension/offscreen/size-gate.ts";
import { Pace } from "../../../../extension/offscreen/steady-video.ts";

const TAB = { width: 1280, height: 720 };
const OTHER = { width: 960, height: 720 };
const SLIVER = { width: 118, height: 1080 };

test("the first size counts at once", () => {
  const gate = new SizeGate();
  expect(gate.size).toBeNull();
  expect(gate.admits(TAB, 0)).toBe(true);
  expect(gate.size).toEqual(TAB);
});

test("another size passes; one that lasts counts", () => {
  const gate = new SizeGate();
  gate.admits(TAB, 0);
  expect(gate.admits(OTHER, 100)).toBe(false);
  expect(gate.admits(TAB, 100 + PASSING)).toBe(true);
  expect(gate.admits(OTHER, 2_000)).toBe(false);
  expect(gate.admits(OTHER, 2_000 + PASSING - 1)).toBe(false);
  expect(gate.size).toEqual(TAB);
  expect(gate.admits(OTHER, 2_000 + PASSING)).toBe(true);
  expect(gate.size).toEqual(OTHER);
});

test("sizes that go on changing don't count, a sliver has to last longer", () => {
  const gate = new SizeGate();
  gate.admits(TAB, 0);
  for (let n = 1; n <= 50; n++) expect(gate.admits({ width: 1280 - 2 * n, height: 720 }, n * 100)).toBe(false);
  expect(gate.admits(SLIVER, 6_000)).toBe(false);
  expect(gate.admits(SLIVER, 6_000 + PASSING)).toBe(false);
  expect(gate.admits(SLIVER, 6_000 + PASSING_SLIVER)).toBe(true);
});

/** Frames that are given on of those that come every `interval` µs for a second. */
function given(pace: Pace, interval: number): number {
  let count = 0;
  for (let at = 0; at < 1_000_000; at += interval) if (pace.admits(at)) count++;
  return count;
}

test("no more frames than the frame rate, and none of those less", () => {
  expect(given(new Pace(30), 1_000_000 / 60)).toBeLessThanOrEqual(32);
  expect(given(new Pace(30), 1_000_000 / 60)).toBeGreaterThanOrEqual(30);
  expect(given(new Pace(30), 1_000_000 / 30)).toBe(30);
  expect(given(new Pace(60), 1_000_000 / 25)).toBe(25);
  const pace = new Pace(30);
  const jittered = [0, 17, 50, 84, 117, 134, 167, 200].map((ms) => pace.admits(ms * 1000));
  expect(jittered).not.toContain(false);
});

test("while a tab settles that was just opened, each size counts at once", () => {
  const gate = new SizeGate(1_000);
  gate.admits(OTHER, 0);
  expect(gate.admits(TAB, 300)).toBe(true);
  expect(gate.size).toEqual(TAB);
  expect(gate.admits(OTHER, 1_100)).toBe(false);
});
