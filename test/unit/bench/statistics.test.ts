// Percentiles, gaps, distinct frames, figures of a reading.
import { describe, expect, it } from "vitest";
import { distinctFps } from "../../../bench/cost/measure.ts";
import { latencyFigures } from "../../../bench/latency/section.ts";
import type { Reading, Seen } from "../../../bench/pattern/reader.ts";
import { longGaps, percentile, summarize } from "../../../bench/statistics.ts";

describe("statistics", () => {
  it("interpolates percentiles of unsorted figures", () => {
    expect(percentile([40, 10, 30, 20], 0.5)).toBe(25);
    expect(percentile([10, 20], 0.95)).toBeCloseTo(19.5);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it("summarises", () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3 });
  });

  it("finds the gaps longer than a limit", () => {
    expect(longGaps([1000, 0, 400, 1600], 500)).toEqual({ count: 2, longest: 600 });
    expect(longGaps([], 500)).toEqual({ count: 0, longest: 0 });
  });

  it("counts each frame of the time asked for once", () => {
    const frames = [900, 1000, 1500, 1500, 1999, 2000].map((time) => ({ time, frame: time }));
    expect(distinctFps(frames, 1000, 2000)).toBe(3);
  });

  it("counts across the end of the pattern's range", () => {
    const from = 2 ** 32 * 5 - 500;
    expect(
      distinctFps(
        [
          { time: 2 ** 32 - 10, frame: 1 },
          { time: 10, frame: 2 },
        ],
        from,
        from + 1000,
      ),
    ).toBe(2);
  });

  it("takes a frame that was shown twice by its first showing", () => {
    const seen: Seen[] = [
      [1, 0, 100, 100],
      [1, 0, 133, 133],
      [2, 33, 153, 120],
      [3, 66, 900, 834],
    ];
    const reading: Reading = {
      seen,
      unreadable: 2,
      waiting: 0,
      video_width: 1280,
      video_height: 720,
      playback_rate: 1,
    };
    const figures = latencyFigures(reading, 1);
    expect(figures).toMatchObject({ p50: 120, min: 100, max: 834, distinct_fps: 3, stalls: 1, longest_gap: 747 });
    expect(() => latencyFigures({ ...reading, seen: [] }, 1)).toThrow("no readable frame among 2");
  });
});
