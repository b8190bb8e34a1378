import { expect, test } from "vitest";
import { spreadDurations } from "../../../../../native-host/media/sample-durations.ts";
import { lastFrameOf } from "../../../../../native-host/sinks/recording/frame-times.ts";

/** 101 frames, 40 ms each, of which the last one ends at `end`. */
const track = (last_frame: number) => ({ start: 1000, end: 5000 + last_frame, frames: 101, last_frame });

test("a last frame of a tick is shown until the sound ends, for as long as a frame at least", () => {
  expect(lastFrameOf(track(0.011), 5128)).toBeCloseTo(128);
  expect(lastFrameOf(track(0.011), 4800)).toBeCloseTo(40);
  expect(lastFrameOf(track(0.011), null)).toBeCloseTo(40);
});

test("over a page that stood still it lasts a second at most", () => {
  expect(lastFrameOf(track(0.011), 60_000)).toBe(1000);
});

test("a last frame that has its time keeps it, and a single frame too", () => {
  expect(lastFrameOf(track(33), 60_000)).toBeNull();
  expect(lastFrameOf({ start: 0, end: 0.011, frames: 1, last_frame: 0.011 }, null)).toBeNull();
});

test.each([
  ["two at the same time", [3000, 1, 2999, 3000], [3000, 360, 2640, 3000]],
  ["several", [1, 1, 1, 3000], [360, 360, 360, 1923]],
  ["one at the end", [3000, 3000, 1], [3000, 2641, 360]],
  ["none", [3000, 400], [3000, 400]],
  ["more than have room", [1, 1], [1, 1]],
  ["no frame at all", [], []],
])("frames that come too close: %s; the whole lasts as long", (_, durations, expected) => {
  expect(spreadDurations(durations, 360)).toEqual(expected);
});
