// Clock offset, latency, and the speed that keeps the target.
import { describe, expect, it } from "vitest";
import {
  backOff,
  HostClock,
  latencyOf,
  MAX_RATE,
  Median,
  MIN_RATE,
  offsetOf,
  syncRate,
} from "../../../player/latency.ts";

describe("offsetOf", () => {
  it("takes the host to have answered half-way", () => {
    expect(offsetOf({ sent: 1_000, received: 1_040, server_time: 6_020 })).toEqual({ offset: 5_000, round_trip: 40 });
  });

  it("takes what the round trip alone explains for the same clock", () => {
    expect(offsetOf({ sent: 1_000, received: 1_040, server_time: 1_035 }).offset).toBe(0);
    expect(offsetOf({ sent: 1_000, received: 1_002, server_time: 1_010 }).offset).toBe(9);
  });
});

describe("HostClock", () => {
  it("shows this machine's time until it knows better", () => {
    expect(new HostClock().at(77)).toBe(77);
  });

  it("keeps the sample with the shortest round trip, and lets it go when it is old", () => {
    const clock = new HostClock();
    clock.add({ sent: 0, received: 10, server_time: 1_005 });
    clock.add({ sent: 1_000, received: 1_400, server_time: 2_900 });
    expect(clock.at(0)).toBe(1_000);
    clock.add({ sent: 200_000, received: 200_400, server_time: 201_700 });
    expect(clock.at(0)).toBe(1_500);
  });
});

describe("latencyOf", () => {
  it("is the age of the picture", () => {
    expect(latencyOf(10_000, 10_640)).toBe(640);
  });

  it("is unknown without a time, from the future, or of another day", () => {
    expect(latencyOf(null, 10)).toBeNull();
    expect(latencyOf(Number.NaN, 10)).toBeNull();
    expect(latencyOf(10_001, 10_000)).toBeNull();
    expect(latencyOf(0, 90_000_000)).toBeNull();
  });
});

describe("Median", () => {
  it("isn't moved by one late tick, and forgets at a gap", () => {
    const median = new Median(3);
    median.add(100);
    median.add(110);
    expect(median.add(900)).toBe(110);
    expect(median.add(105)).toBe(110);
    expect(median.add(null)).toBeNull();
    expect(median.add(300)).toBe(300);
  });
});

describe("syncRate", () => {
  const at = { behind: 1, target: 1, buffered: 0.8, rate: 1 };

  it("leaves it alone near the target", () => {
    expect(syncRate(at)).toBe(1);
    expect(syncRate({ ...at, behind: 1.1 })).toBe(1);
  });

  it("goes faster behind it, more so further behind, with a limit", () => {
    const near = syncRate({ ...at, behind: 1.2 });
    const far = syncRate({ ...at, behind: 1.5 });
    expect(near).toBeGreaterThan(1);
    expect(far).toBeGreaterThan(near);
    expect(syncRate({ ...at, behind: 8 })).toBe(MAX_RATE);
  });

  it("goes on until it is there, then stops, and never overshoots into the other direction", () => {
    expect(syncRate({ ...at, behind: 1.06, rate: 1.03 })).toBeGreaterThan(1);
    expect(syncRate({ ...at, behind: 1.02, rate: 1.03 })).toBe(1);
    expect(syncRate({ ...at, behind: 0.8, rate: 1.03, buffered: 0.3 })).toBe(1);
  });

  it("doesn't run into an empty buffer", () => {
    expect(syncRate({ ...at, behind: 1.6, buffered: 0.2 })).toBe(1);
    expect(syncRate({ ...at, behind: 1, buffered: 0.05 })).toBe(MIN_RATE);
  });

  it("goes slower too near the edge only when little lies ready", () => {
    expect(syncRate({ ...at, behind: 0.6, buffered: 0.7 })).toBe(1);
    expect(syncRate({ ...at, behind: 0.6, buffered: 0.3 })).toBeLessThan(1);
    expect(syncRate({ behind: 0.5, target: 6, buffered: 0.4, rate: 1 })).toBe(MIN_RATE);
  });

  it("brings a simulated playback from two seconds behind to the target and keeps it there", () => {
    let behind = 3;
    let rate = 1;
    let ticks = 0;
    for (; ticks < 400 && Math.abs(behind - 1) > 0.03; ticks++) {
      rate = syncRate({ behind, target: 1, buffered: behind - 0.2, rate });
      behind -= (rate - 1) * 0.25;
    }
    expect(ticks).toBeLessThan(200);
    for (let i = 0; i < 400; i++) {
      rate = syncRate({ behind, target: 1, buffered: behind - 0.2, rate });
      behind -= (rate - 1) * 0.25;
      expect(Math.abs(behind - 1)).toBeLessThan(0.13);
    }
  });
});

describe("backOff", () => {
  it("doubles from half a second to eight, with a fifth of chance either way", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backOff(attempt, 0.5))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
    ]);
    expect(backOff(0, 0)).toBe(400);
    expect(backOff(0, 0.999)).toBe(600);
  });
});
