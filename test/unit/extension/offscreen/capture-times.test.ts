// When what comes of a tab was captured, by the clocks that Chrome's versions stamp it by.
import { expect, test } from "vitest";
import { CaptureTimes, SoundTimes } from "../../../../extension/offscreen/capture-times.ts";

/** µs: how long Chrome's own clock ran before the document began. */
const UPTIME = 80_000_000_000;

test("stamps that begin with the track: by what arrived soonest after its capture", () => {
  const times = new CaptureTimes();
  expect(times.at(0, 1_050)).toBe(1_050); // 50 ms on its way, which nobody knows
  expect(times.at(100_000, 1_120)).toBe(1_120); // 20 ms
  expect(times.at(200_000, 1_900)).toBe(1_220); // 700 ms
  expect(times.of(0, 1_900)).toBe(1_020);
});

test("sound that is stamped by the document's own clock is where its stamp says, however long it was on its way", () => {
  const times = new SoundTimes();
  expect(times.at(1_000_000, 10, 1_400)).toBe(1_000);
  expect(times.at(1_010_000, 10, 1_030)).toBe(1_010);
});

test("sound with stamps that begin with the track: by what arrived soonest after its end", () => {
  const times = new SoundTimes();
  expect(times.at(0, 10, 50_030)).toBe(50_020);
  expect(times.at(10_000, 10, 50_022)).toBe(50_012);
});

test("stamps by Chrome's own clock are of one clock for all tracks, sound too", () => {
  new CaptureTimes().at(UPTIME + 5_000_000, 5_003);
  const late = new CaptureTimes();
  expect(late.at(UPTIME + 6_000_000, 6_900)).toBe(6_003);
  expect(new SoundTimes().at(UPTIME + 7_000_000, 10, 7_800)).toBe(7_003);
});
