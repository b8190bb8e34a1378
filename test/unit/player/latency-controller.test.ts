// The playback rate that holds the target latency.
import { describe, expect, it } from "vitest";
import type { EngineSwitcher } from "../../../player/engine-switcher.ts";
import { LatencyController, MAX_RATE, MIN_RATE, playbackRate } from "../../../player/latency-controller.ts";
import { initialState } from "../../../player/state-machine.ts";

describe("playbackRate", () => {
  const at = { behind: 1, target: 1, buffered: 0.8, rate: 1 };

  it("leaves it alone near the target", () => {
    expect(playbackRate(at)).toBe(1);
    expect(playbackRate({ ...at, behind: 1.1 })).toBe(1);
  });

  it("goes faster behind it, more so further behind, with a limit", () => {
    const near = playbackRate({ ...at, behind: 1.2 });
    const far = playbackRate({ ...at, behind: 1.5 });
    expect(near).toBeGreaterThan(1);
    expect(far).toBeGreaterThan(near);
    expect(playbackRate({ ...at, behind: 8 })).toBe(MAX_RATE);
  });

  it("goes on until it is there, then stops, and doesn't overshoot", () => {
    expect(playbackRate({ ...at, behind: 1.06, rate: 1.03 })).toBeGreaterThan(1);
    expect(playbackRate({ ...at, behind: 1.02, rate: 1.03 })).toBe(1);
    expect(playbackRate({ ...at, behind: 0.8, rate: 1.03, buffered: 0.3 })).toBe(1);
  });

  it("doesn't run into an empty buffer", () => {
    expect(playbackRate({ ...at, behind: 1.6, buffered: 0.2 })).toBe(1);
    expect(playbackRate({ ...at, behind: 1, buffered: 0.05 })).toBe(MIN_RATE);
  });

  it("goes faster with less ahead where the target is nearer: there is never more", () => {
    expect(playbackRate({ behind: 0.6, target: 0.35, buffered: 0.22, rate: 1 })).toBeGreaterThan(1);
    expect(playbackRate({ behind: 0.6, target: 0.35, buffered: 0.15, rate: 1 })).toBe(1);
  });

  it("slows down too close to the edge only when little is buffered", () => {
    expect(playbackRate({ ...at, behind: 0.6, buffered: 0.7 })).toBe(1);
    expect(playbackRate({ ...at, behind: 0.6, buffered: 0.3 })).toBeLessThan(1);
    expect(playbackRate({ behind: 0.5, target: 6, buffered: 0.4, rate: 1 })).toBe(MIN_RATE);
  });

  it("brings a simulated playback from two seconds behind to the target and keeps it there", () => {
    let behind = 3;
    let rate = 1;
    let ticks = 0;
    for (; ticks < 400 && Math.abs(behind - 1) > 0.03; ticks++) {
      rate = playbackRate({ behind, target: 1, buffered: behind - 0.2, rate });
      behind -= (rate - 1) * 0.25;
    }
    expect(ticks).toBeLessThan(200);
    for (let i = 0; i < 400; i++) {
      rate = playbackRate({ behind, target: 1, buffered: behind - 0.2, rate });
      behind -= (rate - 1) * 0.25;
      expect(Math.abs(behind - 1)).toBeLessThan(0.13);
    }
  });
});

describe("a video that is", () => {
  const state = { ...initialState(0), following: true, behind: 4, target: 3 };
  const engines = {
    ...{ follow: () => false, adjustableRate: true },
    position: () => ({ live_edge: 20, target: 3, oldest: 0, playing_date: null, bitrate: null }),
  } as unknown as EngineSwitcher;
  const videoOf = (seeking = false) => ({ playbackRate: 1, currentTime: 16, seeking }) as HTMLVideoElement;

  it("a little late is played faster", () => {
    const video = videoOf();
    new LatencyController(video, engines, false).tick(state, 2, 0);
    expect(video.playbackRate).toBeGreaterThan(1);
  });

  it("on its way to another position is left alone, late as it may be", () => {
    const video = videoOf(true);
    new LatencyController(video, engines, false).tick({ ...state, behind: 60 }, 2, 0);
    expect([video.playbackRate, video.currentTime]).toEqual([1, 16]);
  });

  it("in a browser that stands still at a change of the rate has none, and seeks from far away", () => {
    const video = videoOf();
    const latency = new LatencyController(video, engines, true);
    latency.tick(state, 2, 0);
    expect([video.playbackRate, video.currentTime]).toEqual([1, 16]);
    latency.tick({ ...state, behind: 60 }, 58, 10_000);
    expect(video.playbackRate).toBe(1);
    expect(video.currentTime).toBe(16 + 57);
  });

  it("far behind seeks as soon as the place is loaded, and to where something is ahead", () => {
    const video = videoOf();
    const latency = new LatencyController(video, engines, false);
    const late = { ...state, behind: 12 };
    latency.tick(late, 0, 0);
    latency.tick(late, 4, 250);
    expect(video.currentTime).toBe(16);
    latency.tick(late, 9, 500);
    expect(video.currentTime).toBe(16 + 8.75);
  });

  it("far behind seeks at once where what comes next is gone", () => {
    const video = videoOf();
    const position = { live_edge: 30, target: 3, oldest: 25, playing_date: null, bitrate: null };
    const later = { ...engines, position: () => position } as unknown as EngineSwitcher;
    new LatencyController(video, later, false).tick({ ...state, behind: 14 }, 0.05, 0);
    expect(video.currentTime).toBe(27);
  });

  it("far behind seeks to what isn't loaded after 3 s, and not again before 6 s", () => {
    const video = videoOf();
    const latency = new LatencyController(video, engines, true);
    const late = { ...state, behind: 60 };
    for (let now = 0; now <= 3_000; now += 250) latency.tick(late, 2, now);
    expect(video.currentTime).toBe(16);
    latency.tick(late, 2, 3_250);
    expect(video.currentTime).toBe(17);
    video.currentTime = 16;
    latency.tick(late, 60, 9_000);
    expect(video.currentTime).toBe(16);
  });
});
