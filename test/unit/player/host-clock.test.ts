import { describe, expect, it } from "vitest";
import { HostClock, offsetOf } from "../../../player/host-clock.ts";

describe("offsetOf", () => {
  it("assumes that the host responded half-way", () => {
    expect(offsetOf({ sent: 1_000, received: 1_040, server_time: 6_020 })).toEqual({ offset: 5_000, round_trip: 40 });
  });

  it("ignores an offset that the round trip alone explains", () => {
    expect(offsetOf({ sent: 1_000, received: 1_040, server_time: 1_035 }).offset).toBe(0);
    expect(offsetOf({ sent: 1_000, received: 1_002, server_time: 1_010 }).offset).toBe(9);
  });
});

describe("HostClock", () => {
  it("shows this machine's time until a sample came", () => {
    expect(new HostClock().at(77)).toBe(77);
  });

  it("keeps the sample with the shortest round trip, until that is old", () => {
    const clock = new HostClock();
    clock.add({ sent: 0, received: 10, server_time: 1_005 });
    clock.add({ sent: 1_000, received: 1_400, server_time: 2_350 });
    expect(clock.at(0)).toBe(1_000);
    clock.add({ sent: 200_000, received: 200_400, server_time: 201_700 });
    expect(clock.at(0)).toBe(1_500);
  });

  it("believes a sample that contradicts the best one: a clock was set", () => {
    const clock = new HostClock();
    clock.add({ sent: 0, received: 10, server_time: 1_005 });
    clock.add({ sent: 1_000, received: 1_400, server_time: -58_800 });
    expect(clock.at(0)).toBe(-60_000);
  });
});
