// Which run is ended for being stuck or late, and which silence is none of its fault.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RunWatch, type WatchedRun } from "../../../../native-host/ingest/run-watch.ts";
import { sentence } from "../../../../protocol/sentence.ts";

const kill = vi.fn(async () => {});
let run: WatchedRun | null;
let stopped: boolean;
const frozen = async () => stopped;
let silence: number;
let playable: boolean;
let watch: RunWatch;

beforeEach(() => {
  vi.useFakeTimers();
  kill.mockClear();
  run = { behind: 0, kill, frozen };
  silence = 0;
  playable = true;
  stopped = false;
  watch = new RunWatch({ current: () => run, silence: () => silence, playable: () => playable });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

/** Lets so many seconds pass, with input in each or without, and with nothing that comes out. */
function seconds(count: number, fed: boolean): void {
  for (let second = 0; second < count; second++) {
    vi.advanceTimersByTime(500);
    if (fed) watch.fed();
    silence += 1_000;
    vi.advanceTimersByTime(500);
  }
}

test("one that takes media but gives none for more than ten seconds is ended", () => {
  silence = 500;
  seconds(10, true);
  expect(kill).not.toHaveBeenCalled();
  seconds(2, true);
  expect(kill).toHaveBeenCalledWith(sentence("stream.no_output"));
});

test("what comes out begins the count anew", () => {
  seconds(8, true);
  silence = -900;
  seconds(8, true);
  expect(kill).not.toHaveBeenCalled();
});

test("a fresh run, and a machine that slept, get their ten seconds", () => {
  silence = 60_000;
  seconds(8, true);
  run = { behind: 0, kill, frozen };
  seconds(8, true);
  vi.setSystemTime(Date.now() + 3_600_000);
  silence += 3_600_000;
  seconds(1, true);
  expect(kill).not.toHaveBeenCalled();
  seconds(4, true);
  expect(kill).toHaveBeenCalled();
});

test("silence is not its fault while nothing comes in, or before the first picture", () => {
  silence = 60_000;
  seconds(15, false);
  playable = false;
  seconds(15, true);
  expect(kill).not.toHaveBeenCalled();
});

test("one that is more than eight seconds behind is ended, whatever comes out", () => {
  run = { behind: 8_000, kill, frozen };
  seconds(1, false);
  expect(kill).not.toHaveBeenCalled();
  run = { behind: 8_001, kill, frozen };
  seconds(1, false);
  expect(kill).toHaveBeenCalledExactlyOnceWith(sentence("stream.behind"));
});

test("nothing is ended where no run is open, or after its own end", () => {
  silence = 60_000;
  run = null;
  seconds(1, true);
  run = { behind: 60_000, kill, frozen };
  watch.close();
  seconds(1, true);
  expect(kill).not.toHaveBeenCalled();
});

test("one whose FFmpeg is stopped is ended within 0.6 s; one that is only silent, or waits for a core, isn't", async () => {
  silence = 1_200;
  seconds(2, true);
  await vi.advanceTimersByTimeAsync(0);
  expect(kill).not.toHaveBeenCalled();
  [stopped, silence] = [true, 0];
  for (; silence <= 600; silence += 50) await vi.advanceTimersByTimeAsync(50);
  expect(kill).toHaveBeenCalledWith(sentence("stream.frozen"));
});
