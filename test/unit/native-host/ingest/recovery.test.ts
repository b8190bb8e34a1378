// How often, and after which pauses, a fresh run is asked for.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Recovery } from "../../../../native-host/ingest/recovery.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";

const FAILED = new FlyBrowserError("ffmpeg_failed", { reason: "it was shot" });

let playable: boolean;
let asked: number[];
let gaveUp: FlyBrowserError | null;
let recovery: Recovery;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  [playable, asked, gaveUp] = [true, [], null];
  recovery = new Recovery({
    playable: () => playable,
    ask: () => asked.push(performance.now()),
    giveUp: (error) => {
      gaveUp = error;
    },
  });
});
afterEach(() => {
  recovery.stop();
  vi.useRealTimers();
});

/** ms from each failure to the next ask, of so many failures that follow at once. */
function pauses(failures: number): (number | null)[] {
  return Array.from({ length: failures }, () => {
    const [at, before] = [performance.now(), asked.length];
    if (!recovery.begin(FAILED)) return null;
    while (asked.length === before) vi.advanceTimersByTime(100);
    return (asked.at(-1) ?? 0) - at;
  });
}

test("it waits longer each time, gives up after ten tries in a minute, and begins anew a minute later", () => {
  expect(pauses(11)).toEqual([200, 500, 1_000, 2_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000, null]);
  expect(gaveUp).toBe(FAILED);
  vi.advanceTimersByTime(120_000);
  expect(pauses(1)).toEqual([200]);
});

test("it doesn't wait longer where what failed had gone on well before", () => {
  expect(pauses(3)).toEqual([200, 500, 1_000]);
  for (let time = 0; time < 20; time++) {
    const [at, before] = [performance.now(), asked.length];
    expect(recovery.begin(FAILED, true)).toBe(true);
    while (asked.length === before) vi.advanceTimersByTime(100);
    expect((asked.at(-1) ?? 0) - at).toBe(200);
  }
  expect(pauses(1)).toEqual([500]);
});

test("it gives up sooner where there was nothing to see yet", () => {
  playable = false;
  expect(pauses(4)).toEqual([200, 500, 1_000, null]);
});

test("a run that was asked for and doesn't come is asked for again", () => {
  recovery.begin(FAILED);
  vi.advanceTimersByTime(6_000);
  expect(asked).toHaveLength(2);
  recovery.stop();
  vi.advanceTimersByTime(60_000);
  expect(asked).toHaveLength(2);
});
