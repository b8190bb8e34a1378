import { expect, it } from "vitest";
import type { EnginePosition } from "../../../player/engines/engine.ts";
import { seekTarget, timelineOf } from "../../../player/timeline.ts";

const engine = (more: Partial<EnginePosition>): EnginePosition => ({
  ...{ live_edge: 60, oldest: 10, playing_date: 1_000_000, target: 1, bitrate: null },
  ...more,
});

it("lasts from the oldest media to the edge, or from where the viewer still is", () => {
  expect(timelineOf(engine({}), 50)).toEqual({ oldest: 10, edge: 60, position: 50, date_zero: 950_000 });
  expect(timelineOf(engine({}), 4)).toMatchObject({ oldest: 4, position: 4 });
});

it("is unknown without its ends, and has no date where the media have none", () => {
  expect(timelineOf(engine({ live_edge: null }), 50)).toBeNull();
  expect(timelineOf(engine({ oldest: null }), 50)).toBeNull();
  expect(timelineOf(engine({ playing_date: null }), 50)?.date_zero).toBeNull();
});

it("leads to the place that was wished for, off both its ends", () => {
  const window = { oldest: 10, edge: 60, position: 50, date_zero: null };
  expect(seekTarget(window, 30, 2)).toBe(30);
  expect(seekTarget(window, 59, 2)).toBe(58);
  expect(seekTarget(window, 99, 0)).toBe(60);
  expect(seekTarget(window, -5, 2)).toBeCloseTo(10.1);
  // A stream that has just begun is shorter than what one keeps behind its edge.
  expect(seekTarget({ ...window, edge: 11 }, 11, 2)).toBeCloseTo(10.1);
});
