// How often a picture is shown once more while no other comes.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Repeats } from "../../../../extension/offscreen/repeats.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Times of the repeats at 30 frames a second, ms. */
function timesOf(act: (repeats: Repeats, wait: (ms: number) => void) => void): number[] {
  const [times, began]: [number[], number] = [[], performance.now()];
  const repeats = new Repeats(30, () => void times.push(Math.round(performance.now() - began)));
  act(repeats, (ms) => vi.advanceTimersByTime(ms));
  repeats.close();
  vi.advanceTimersByTime(10_000);
  return times;
}

test("once soon after a picture, then as often as a part needs one, until it is closed", () => {
  const times = timesOf((repeats, wait) => {
    repeats.came();
    wait(3_000);
  });
  expect(times[0]).toBe(50);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps).toHaveLength(20);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(150);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(140);
});

test("never while pictures come, and soon again after the last one", () => {
  const times = timesOf((repeats, wait) => {
    for (let count = 0; count < 60; count++) {
      repeats.came();
      wait(33);
    }
    wait(100);
  });
  expect(times).toEqual([59 * 33 + 50]);
});

test("the first change after a while of stillness is shown again as soon as any other", () => {
  const times = timesOf((repeats, wait) => {
    repeats.came();
    wait(1_000);
    repeats.came();
    wait(51);
  });
  expect(times.at(-1)).toBe(1_050);
});

test("before the first picture there is nothing to show", () => {
  expect(timesOf((_repeats, wait) => wait(1_000))).toEqual([]);
});

test("who begins to look gets it at that rate for a second and more, so that the first segment ends in time", () => {
  const times = timesOf((repeats, wait) => {
    repeats.begin();
    wait(3_000);
  });
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps.slice(0, 25)).toEqual(Array(25).fill(50));
  expect(gaps.at(-1)).toBeGreaterThanOrEqual(140);
});
