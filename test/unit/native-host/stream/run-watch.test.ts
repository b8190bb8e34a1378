// Which run is ended for being stuck or late, and which silence is none of its fault.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RunWatch } from "../../../../native-host/stream/run-watch.ts";

const kill = vi.fn(async () => {});
let run: { behind: number; kill: typeof kill } | null;
let silence: number;
let flows: boolean;
let watch: RunWatch;

beforeEach(() => {
  vi.useFakeTimers();
  kill.mockClear();
  run = { behind: 0, kill };
  silence = 0;
  flows = true;
  watch = new RunWatch({ current: () => run, silence: () => silence, flows: () => flows });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

/** Lets a second pass, with input in it or without. */
function second(fed: boolean): void {
  vi.advanceTimersByTime(500);
  if (fed) watch.fed(Date.now());
  vi.advanceTimersByTime(500);
}

test("one that takes media but gives none for more than ten seconds is ended", () => {
  silence = 10_000;
  second(true);
  expect(kill).not.toHaveBeenCalled();
  silence = 10_001;
  second(true);
  expect(kill).toHaveBeenCalledExactlyOnceWith("it takes media but gives none");
});

test("silence is not its fault while nothing comes in, or before the first picture", () => {
  silence = 60_000;
  second(false);
  flows = false;
  second(true);
  expect(kill).not.toHaveBeenCalled();
});

test("one that is more than eight seconds behind is ended, whatever comes out", () => {
  run = { behind: 8_000, kill };
  second(false);
  expect(kill).not.toHaveBeenCalled();
  run = { behind: 8_001, kill };
  second(false);
  expect(kill).toHaveBeenCalledExactlyOnceWith("it does not keep up with what comes");
});

test("nothing is ended where no run is open, or after its own end", () => {
  silence = 60_000;
  run = null;
  second(true);
  run = { behind: 60_000, kill };
  watch.close();
  second(true);
  expect(kill).not.toHaveBeenCalled();
});
