import { describe, expect, test } from "vitest";
import { judgeHealth } from "../../../../native-host/stream/health.ts";
import { newIdentity } from "../../../../native-host/stream/identity.ts";
import { Meter } from "../../../../native-host/stream/meter.ts";
import { RecoveryBudget } from "../../../../native-host/stream/recovery-budget.ts";
import { isFinal, StateMachine } from "../../../../native-host/stream/state-machine.ts";
import { packagerOptions, partDuration } from "../../../../native-host/stream/timeline.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";

describe("states", () => {
  test("go through a life", () => {
    const machine = new StateMachine();
    expect(["active", "recovering", "active", "stopped"].map((state) => machine.go(state as "active"))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(machine.go("stopped")).toBe(false);
    expect(isFinal(machine.state)).toBe(true);
  });
  test("never come back from the end", () => {
    const machine = new StateMachine();
    machine.go("error");
    expect(() => machine.go("active")).toThrow(/can't go from error to active/);
  });
});

describe("recovery", () => {
  test("waits longer each time and gives up after ten tries in a minute", () => {
    const budget = new RecoveryBudget();
    let now = 0;
    const pauses = Array.from({ length: 11 }, () => {
      const pause = budget.next(now, true);
      now += pause ?? 0;
      return pause;
    });
    expect(pauses).toEqual([200, 500, 1_000, 2_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000, null]);
    expect(budget.next(now + 120_000, true)).toBe(200);
  });
  test("gives up sooner where there never was a picture", () => {
    const budget = new RecoveryBudget();
    expect([1, 2, 3, 4].map((now) => budget.next(now, false))).toEqual([200, 500, 1_000, null]);
  });
});

describe("the meter", () => {
  const run = (meter: Meter, from: number, to: number): void => {
    for (let at = from; at <= to; at += 200) meter.sample(at, at * 0.03, at * 125);
  };
  test("knows nothing before a second has passed", () => {
    const meter = new Meter();
    expect([meter.fps(0), meter.bitrate(0), meter.average_bitrate(0), meter.last_arrival]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    run(meter, 200, 800);
    expect(meter.fps(800)).toBeNull();
  });
  test("gives the rates of a steady stream", () => {
    const meter = new Meter();
    run(meter, 200, 10_000);
    expect(meter.fps(10_100)).toBeCloseTo(30, 0);
    expect(meter.bitrate(10_100)).toBe(1_000_000);
    expect(meter.average_bitrate(10_000)).toBeCloseTo(1_000_000, -4);
  });
  test("falls within 3 s of a stall, and to zero", () => {
    const meter = new Meter();
    run(meter, 200, 10_000);
    expect(meter.fps(12_500)).toBeLessThan(15);
    expect(meter.fps(14_000)).toBe(0);
  });
});

describe("health", () => {
  const well = { state: "active", silence: 100, buffer_health: 100, trouble: null } as const;
  test.each([
    [well, "healthy", []],
    [{ ...well, silence: 3_400 }, "degraded", ["no media for 3 s"]],
    [{ ...well, silence: 10_000 }, "unhealthy", ["no media for 10 s"]],
    [{ ...well, picture_silence: 2_500 }, "degraded", ["no picture for 2 s"]],
    [{ ...well, picture_silence: 2_500, silence: 2_500, frame_rate: 1 }, "healthy", []],
    [{ ...well, frame_rate: 30, current_fps: 12.5 }, "degraded", ["12.5 of 30 frames a second"]],
    [{ ...well, frame_rate: 30, current_fps: 16 }, "healthy", []],
    [{ ...well, silent_sound: true }, "healthy", ["the sound is digital silence"]],
    [{ ...well, cap_broken: true }, "degraded", [expect.stringContaining("above its cap")]],
    [{ ...well, output_trouble: "RTMP is away." }, "degraded", ["RTMP is away."]],
    [{ ...well, buffer_health: 30 }, "degraded", ["FFmpeg is behind: 30 % of its queue is free"]],
    [{ ...well, state: "recovering", trouble: "FFmpeg died" }, "degraded", ["recovering: FFmpeg died"]],
    [{ ...well, state: "error", trouble: "it is over" }, "unhealthy", ["it is over"]],
    [{ ...well, state: "stopped", silence: 60_000, buffer_health: null }, "healthy", []],
  ] as const)("of %o is %s", (signals, health, health_reasons) => {
    expect(judgeHealth(signals)).toEqual({ health, health_reasons });
  });
});

describe("the timeline", () => {
  test("goes on above the numbers that a dead host gave out", () => {
    const options = parseStartStreamOptions();
    const identity = newIdentity(1_000_000, true);
    const window = { seconds: 60, bytes: 1e8 };
    expect(packagerOptions(identity, options, window, 1_090_000).first_sequence).toBe(0);
    expect(packagerOptions({ ...identity, generation: 1 }, options, window, 1_090_000).first_sequence).toBe(180);
  });
  test("has longer parts at low frame rates", () => {
    expect(partDuration(parseStartStreamOptions())).toBe(150);
    expect(partDuration(parseStartStreamOptions({ quality: "low_bandwidth" }))).toBe(200);
  });
});

test("ids and tokens are long and never the same", () => {
  const made = Array.from({ length: 1_000 }, () => newIdentity(0, true));
  expect(new Set(made.map(({ view_token }) => view_token)).size).toBe(1_000);
  expect(Buffer.from(made[0]?.view_token ?? "", "base64url").length * 8).toBeGreaterThanOrEqual(128);
  expect(made[0]?.stream_id).toMatch(/^stream_[A-Za-z0-9_-]{12}$/);
});
