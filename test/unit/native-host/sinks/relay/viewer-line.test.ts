// What a viewer's line carries, by its reports, and when groups of pictures are left out for it.
import { describe, expect, it } from "vitest";
import { LEAST_BITRATE, ViewerLine } from "../../../../../native-host/sinks/relay/viewer-line.ts";

const MOST = 1_500_000;

/** Plays a line: every second a report, 30 packets of `rate` in all where it takes them; gives the share that it took. */
function play(
  line: ViewerLine,
  seconds: number,
  from: number,
  rate: number,
  report: { lost: number; round_trip: number },
) {
  let taken = 0;
  for (let tick = 0; tick < seconds * 30; tick++) {
    const now = from + (tick * 1_000) / 30;
    if (line.takes(now)) {
      line.sent(rate / 8 / 30, now);
      taken++;
    }
    if (tick % 30 === 29) line.report(report, now);
  }
  return taken / (seconds * 30);
}

const GOOD = { lost: 0, round_trip: 20 };

describe("a line", () => {
  it("is good for all until it says otherwise", () => {
    const line = new ViewerLine(MOST);
    expect(line.bitrate).toBe(MOST);
    expect(play(line, 20, 0, MOST, GOOD)).toBe(1);
  });

  it("is as good for another quality, unless it was known not to be", () => {
    const line = new ViewerLine(MOST);
    line.become(3 * MOST);
    expect(line.bitrate).toBe(3 * MOST);
    line.become(MOST / 3);
    expect(line.bitrate).toBe(MOST / 3);
    const slow = new ViewerLine(MOST);
    play(slow, 10, 0, MOST, { lost: 0.5, round_trip: 20 });
    const { bitrate } = slow;
    expect(bitrate).toBeLessThan(MOST);
    slow.become(2 * MOST);
    expect(slow.bitrate).toBe(bitrate);
  });

  it("that loses a few packets, as radio does, stays so", () => {
    const line = new ViewerLine(MOST);
    expect(play(line, 20, 0, MOST, { lost: 0.05, round_trip: 60 })).toBe(1);
    expect(line.bitrate).toBe(MOST);
  });

  it.each([
    ["loses much", { lost: 0.3, round_trip: 30 }],
    ["is late", { lost: 0, round_trip: 900 }],
  ])("that %s is good for less, and gets less: never nothing", (_what, report) => {
    const line = new ViewerLine(MOST);
    play(line, 3, 0, MOST, GOOD);
    const share = play(line, 30, 3_000, MOST, report);
    expect(line.bitrate).toBe(LEAST_BITRATE);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.5);
  });

  it("is good for all again once it is well", () => {
    const line = new ViewerLine(MOST);
    play(line, 20, 0, MOST, { lost: 0.5, round_trip: 30 });
    play(line, 40, 20_000, MOST, GOOD);
    expect(line.bitrate).toBe(MOST);
    expect(play(line, 5, 60_000, MOST, GOOD)).toBe(1);
  });

  it("gets all of a video that is less than it is good for", () => {
    const line = new ViewerLine(MOST);
    play(line, 4, 0, MOST, { lost: 0.3, round_trip: 30 });
    const { bitrate } = line;
    expect(bitrate).toBeLessThan(MOST);
    play(line, 3, 4_000, bitrate * 0.5, GOOD);
    expect(play(line, 5, 7_000, bitrate * 0.5, GOOD)).toBe(1);
  });
});
