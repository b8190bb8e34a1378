import { describe, expect, test } from "vitest";
import { judgeHealth } from "../../../../native-host/stream/health.ts";
import { newIdentity } from "../../../../native-host/stream/identity.ts";
import { RateMeter } from "../../../../native-host/stream/rate-meter.ts";
import { isFinal, StateMachine } from "../../../../native-host/stream/state-machine.ts";
import { packagerOptions } from "../../../../native-host/stream/timeline.ts";
import { FlyBrowserError, inWords } from "../../../../protocol/errors.ts";
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

describe("the meter", () => {
  const run = (meter: RateMeter, from: number, to: number): void => {
    for (let at = from; at <= to; at += 200) meter.sample(at, at * 0.03, at * 125);
  };
  test("knows nothing before a second has passed", () => {
    const meter = new RateMeter();
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
    const meter = new RateMeter();
    run(meter, 200, 10_000);
    expect(meter.fps(10_100)).toBeCloseTo(30, 0);
    expect(meter.bitrate(10_100)).toBe(1_000_000);
    expect(meter.average_bitrate(10_000)).toBeCloseTo(1_000_000, -4);
  });
  test("falls within 3 s of a stall, and to zero", () => {
    const meter = new RateMeter();
    run(meter, 200, 10_000);
    expect(meter.fps(12_500)).toBeLessThan(15);
    expect(meter.fps(14_000)).toBe(0);
  });
});

describe("health", () => {
  const FAILED = new FlyBrowserError("ffmpeg_failed", { reason: "no" });
  const SAID = (name: string) => `${name} has failed: ${FAILED.message}`;
  const well = { state: "active", silence: 100, buffer_health: 100, trouble: null } as const;
  test.each([
    [well, "healthy", []],
    [{ ...well, silence: 3_400 }, "degraded", ["no media for 3 s"]],
    [
      { ...well, state: "recovering", capture: "crashed" },
      "degraded",
      ["recovering: its page has crashed, and must be loaded again"],
    ],
    [{ ...well, state: "recovering", capture: "lost" }, "degraded", ["recovering: the tab is being captured again"]],
    [{ ...well, silence: 10_000 }, "unhealthy", ["no media for 10 s"]],
    [{ ...well, video_silence: 2_500 }, "degraded", ["no video for 2 s"]],
    [{ ...well, video_silence: 2_500, silence: 2_500, frame_rate: 1 }, "healthy", []],
    [{ ...well, unseen: 1_900 }, "healthy", []],
    [
      { ...well, unseen: 2_100 },
      "degraded",
      ["the tab changes, but its picture has stood still for 2 s: its size doesn't settle"],
    ],
    [{ ...well, published_silence: 2_500 }, "degraded", ["nothing new for viewers for 2 s"]],
    [{ ...well, published_silence: 2_100, video_silence: 1_900, silence: 1_900 }, "healthy", []],
    [{ ...well, published_silence: 11_000 }, "unhealthy", ["nothing new for viewers for 11 s"]],
    [{ ...well, frame_rate: 30, current_fps: 9 }, "degraded", ["9 of 30 frames per second"]],
    [{ ...well, frame_rate: 30, current_fps: 12.5 }, "degraded", ["12.5 of 30 frames per second"]],
    [{ ...well, frame_rate: 30, current_fps: 16 }, "healthy", []],
    [{ ...well, frame_rate: 30, captured_fps: 6.8, current_fps: 6.6 }, "healthy", []],
    [{ ...well, frame_rate: 30, captured_fps: 30, current_fps: 9 }, "degraded", ["9 of 30 frames per second"]],
    [{ ...well, frame_rate: 30, captured_fps: 6.8, current_fps: 2 }, "degraded", ["2 of 6.8 frames per second"]],
    [{ ...well, silent_audio: true, muted: "silent" }, "healthy", [expect.stringContaining("viewers hear nothing")]],
    [{ ...well, muted: "heard" }, "healthy", [expect.stringContaining("viewers hear it")]],
    [{ ...well, silent_audio: true }, "healthy", ["the sound is digital silence"]],
    [{ ...well, place: "another_tab" }, "healthy", [expect.stringContaining("works in another tab")]],
    [{ ...well, place: "another_tab", follows: true }, "degraded", [expect.stringContaining("must know it as a page")]],
    [{ ...well, place: "not_capturable" }, "degraded", [expect.stringContaining("lets nobody capture")]],
    [{ ...well, place: "not_invoked" }, "degraded", [expect.stringContaining("wants a click")]],
    [{ ...well, state: "stopped", place: "not_capturable" }, "healthy", []],
    [{ ...well, cap_broken: true }, "degraded", [expect.stringContaining("above its cap")]],
    [{ ...well, destination_troubles: ["RTMP is away."] }, "degraded", ["RTMP is away."]],
    [{ ...well, sinks: [{ name: "recording", detached: true, error: FAILED }] }, "degraded", [SAID("the recorder")]],
    [{ ...well, sinks: [{ name: "packager", detached: true, error: FAILED }] }, "unhealthy", [SAID("the packager")]],
    [{ ...well, sinks: [{ name: "packager", detached: false, error: FAILED }] }, "healthy", []],
    [{ ...well, buffer_health: 30 }, "degraded", ["FFmpeg is falling behind: 30 % of its queue is free"]],
    [{ ...well, state: "recovering", trouble: "FFmpeg died" }, "degraded", ["recovering: FFmpeg died"]],
    [{ ...well, state: "error", trouble: "it is over" }, "unhealthy", ["it is over"]],
    [{ ...well, state: "stopped", silence: 60_000, buffer_health: null }, "healthy", []],
  ] as const)("of %o is %s", (signals, health, health_reasons) => {
    expect(inWords(judgeHealth(signals))).toEqual({ health, health_reasons });
  });
});

describe("the timeline", () => {
  test("goes on above the numbers that a dead host gave out", () => {
    const options = parseStartStreamOptions();
    const identity = newIdentity({ started_at: 1_000_000, zero: 0 }, true);
    const clock = { now: 1_090_000, ahead: 0, wall: (at: number) => at };
    const window = { seconds: 60, bytes: 1e8 };
    expect(packagerOptions(identity, options, window, clock).first_sequence).toBe(0);
    expect(packagerOptions({ ...identity, generation: 1 }, options, window, clock).first_sequence).toBe(180);
  });
});

test("ids and tokens are long and never the same", () => {
  const made = Array.from({ length: 1_000 }, () => newIdentity({ started_at: 0, zero: 0 }, true));
  expect(new Set(made.map(({ view_token }) => view_token)).size).toBe(1_000);
  expect(Buffer.from(made[0]?.view_token ?? "", "base64url").length * 8).toBeGreaterThanOrEqual(128);
  expect(made[0]?.stream_id).toMatch(/^stream_[A-Za-z0-9_-]{12}$/);
});
