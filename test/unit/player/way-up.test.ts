import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Above, WayUp } from "../../../player/engines/way-up.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SOURCE = { id: "video", bitrate: 1_700_000 };
const MIDDLE = { id: "rung1", bitrate: 700_000 };
const FROM_LOWEST: Above = { better: [SOURCE, MIDDLE], segments: ["video-7.m4s"] };

/** A viewer on the lowest rung, whose trials measure what `speeds` says, the last of them from then on. */
function onLowest(...speeds: (number | null)[]) {
  let above: Above | null = FROM_LOWEST;
  const measure = vi.fn((_segments: readonly string[]) =>
    Promise.resolve((speeds.length > 1 ? speeds.shift() : speeds[0]) ?? null),
  );
  const up = vi.fn();
  const wayUp = new WayUp({ above: () => above, up, measure });
  return {
    ...{ wayUp, measure, up },
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    nowAbove: (what: Above | null) => {
      above = what;
    },
  };
}

it("goes up once two trials in a row were fast enough, well within the time that is promised", async () => {
  const { up, measure, pass } = onLowest(4_000_000);
  await pass(4_100);
  expect(measure).toHaveBeenCalledTimes(1);
  expect(measure.mock.calls[0]?.[0]).toEqual(["video-7.m4s"]);
  expect(up).not.toHaveBeenCalled();
  await pass(1_000);
  expect(up).toHaveBeenCalledExactlyOnceWith("video", 4_000_000);
});

it("goes by the slower of the two, and to the best that this one carries with room to spare", async () => {
  const { up, pass } = onLowest(4_000_000, 1_900_000);
  await pass(5_200);
  expect(up).toHaveBeenCalledExactlyOnceWith("rung1", 1_900_000);
});

it.each([
  ["slow", 400_000],
  ["not to be told", null],
])("stays where the line is %s, also after one trial that was fast", async (_what, speed) => {
  const { up, measure, pass } = onLowest(4_000_000, speed);
  await pass(30_000);
  expect(measure.mock.calls.length).toBeGreaterThan(5);
  expect(up).not.toHaveBeenCalled();
});

it("tries nothing where there is nothing better, and goes nowhere where that changed during a trial", async () => {
  const { up, measure, pass, nowAbove } = onLowest(4_000_000);
  nowAbove(null);
  await pass(20_000);
  expect(measure).not.toHaveBeenCalled();
  measure.mockImplementation(() => {
    nowAbove(null);
    return Promise.resolve(4_000_000);
  });
  for (let trial = 0; trial < 3; trial++) {
    nowAbove(FROM_LOWEST);
    await pass(4_100);
  }
  expect(measure).toHaveBeenCalledTimes(3);
  expect(up).not.toHaveBeenCalled();
});

it("who comes down again soon waits, longer each time, until a line has held", async () => {
  const { wayUp, up, pass, nowAbove } = onLowest(4_000_000);
  /** ms from coming down to going up. */
  const waits = async () => {
    up.mockClear();
    nowAbove(FROM_LOWEST);
    wayUp.cameDown();
    let waited = 0;
    for (; up.mock.calls.length === 0 && waited < 300_000; waited += 500) await pass(500);
    nowAbove(null);
    return waited;
  };
  expect(await waits()).toBeLessThan(6_000);
  const [first, second, third] = [await waits(), await waits(), await waits()];
  expect(first).toBeGreaterThan(10_000);
  expect(second).toBeGreaterThan(first + 5_000);
  expect(third).toBeGreaterThan(second + 15_000);
  await pass(10_000);
  expect(await waits()).toBeLessThan(6_000);
  expect(await waits()).toBeLessThan(second);
});

it("tries nothing once it is closed, and gives up what is under way", async () => {
  const { wayUp, up, measure, pass } = onLowest(4_000_000);
  let signal: AbortSignal | undefined;
  measure.mockImplementation((...args: unknown[]) => {
    signal = args[1] as AbortSignal;
    return new Promise(() => {});
  });
  await pass(4_100);
  wayUp.close();
  expect(signal?.aborted).toBe(true);
  await pass(20_000);
  expect(measure).toHaveBeenCalledTimes(1);
  expect(up).not.toHaveBeenCalled();
});
