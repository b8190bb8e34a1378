import { describe, expect, it } from "vitest";
import { overGap, type PlaybackElement, towardsEdge } from "../../../player/engines/seek-targets.ts";

function playing(
  currentTime: number,
  ranges: readonly (readonly [number, number])[],
  more: Partial<PlaybackElement> = {},
): PlaybackElement {
  const buffered = {
    length: ranges.length,
    start: (index: number) => ranges[index]?.[0] ?? Number.NaN,
    end: (index: number) => ranges[index]?.[1] ?? Number.NaN,
  };
  return { currentTime, paused: false, ended: false, readyState: 2, buffered, ...more };
}

describe("overGap", () => {
  it("goes over a hole, however wide", () => {
    expect(
      overGap(
        playing(9.9, [
          [1, 10],
          [12, 13],
        ]),
      ),
    ).toBeCloseTo(12.01);
    expect(
      overGap(
        playing(10, [
          [1, 10],
          [70, 71],
        ]),
      ),
    ).toBeCloseTo(70.01);
    expect(overGap(playing(9.9, [[10.5, 12]]))).toBeCloseTo(10.51);
  });

  it("waits where nothing lies behind, or media lie ready still", () => {
    expect(overGap(playing(9.9, [[1, 10]]))).toBeNull();
    expect(
      overGap(
        playing(9, [
          [1, 10],
          [12, 13],
        ]),
      ),
    ).toBeNull();
    expect(overGap(playing(30, [[1, 10]]))).toBeNull();
    expect(overGap(playing(5, []))).toBeNull();
  });

  it("leaves alone what plays, is held, or was sought into nothing", () => {
    const ranges = [
      [1, 10],
      [12, 13],
    ] as const;
    expect(overGap(playing(9.9, ranges, { readyState: 3 }))).toBeNull();
    expect(overGap(playing(9.9, ranges, { paused: true }))).toBeNull();
    expect(overGap(playing(9.9, ranges, { ended: true }))).toBeNull();
    expect(overGap(playing(12.8, ranges))).toBeNull();
  });
});

describe("towardsEdge", () => {
  it("makes up a late beginning with what lies ready, and no more", () => {
    expect(towardsEdge(playing(10, [[9, 15]], { readyState: 4 }), 4, 1.1)).toBeCloseTo(12.9);
    expect(towardsEdge(playing(10, [[9, 12]], { readyState: 4 }), 4, 1.1)).toBeCloseTo(11.65);
    expect(towardsEdge(playing(10, [[9, 10.5]], { readyState: 4 }), 4, 1.1)).toBeNull();
    expect(towardsEdge(playing(10, [[9, 15]], { readyState: 4 }), 1.5, 1.1)).toBeNull();
    expect(towardsEdge(playing(10, [[9, 15]]), 4, 1.1)).toBeNull();
  });
});
