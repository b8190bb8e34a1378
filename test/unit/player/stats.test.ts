import { expect, it } from "vitest";
import type { EnginePosition } from "../../../player/engines/engine.ts";
import { StatsCollector } from "../../../player/stats.ts";

const position: EnginePosition = { live_edge: 9, target: 1.5, oldest: 0, playing_date: 100_000, bitrate: 2_000_000 };
const PLAYING = { paused: false, started: true };

function video() {
  const counts = { totalVideoFrames: 0, droppedVideoFrames: 0 };
  const element = {
    ...{ currentTime: 0, videoWidth: 640, videoHeight: 360, playbackRate: 1.05 },
    buffered: { length: 1, start: () => 0, end: () => 10 },
    getVideoPlaybackQuality: () => counts,
  };
  return { element, counts, collector: new StatsCollector(element as unknown as HTMLVideoElement) };
}

/** The latency shown for a frame captured at `playing_date` when the host's clock shows `host_now`. */
function latencyOf(playing_date: number | null, host_now: number): number | null {
  const { collector } = video();
  collector.sampleLatency({ ...position, playing_date }, host_now);
  return collector.stats(position, PLAYING).latency;
}

it("tells size, speed, frame rate, dropped frames and buffer", () => {
  const { element, counts, collector } = video();
  for (let second = 0; second <= 2; second++) {
    element.currentTime = second;
    counts.totalVideoFrames = second * 30;
    counts.droppedVideoFrames = second;
    collector.sample(second * 1000, false);
  }
  const stats = collector.stats(position, PLAYING);
  expect(stats).toMatchObject({ width: 640, height: 360, rate: 1.05, bitrate: 2_000_000, target: 1.5 });
  expect(stats).toMatchObject({ frame_rate: 29, dropped_frames: 2, buffered: 8 });
  const unstarted = collector.stats(position, { paused: true, started: false });
  expect(unstarted).toMatchObject({ frame_rate: null, buffered: null });
});

it("goes by the frames that were presented where the browser counts none, and sees when they stop", () => {
  const { element } = video();
  let present = () => {};
  const requestVideoFrameCallback = (callback: () => void) => {
    present = callback;
    return 1;
  };
  const counting = Object.assign(element, { requestVideoFrameCallback });
  const collector = new StatsCollector(counting as unknown as HTMLVideoElement);
  const look = (second: number, frames: number) => {
    for (let frame = 0; frame < frames; frame++) present();
    counting.currentTime = second;
    return collector.sample(second * 1000, false);
  };
  expect(look(1, 0).advanced).toBe(false);
  expect(look(2, 30).advanced).toBe(true);
  expect(look(3, 30)).toMatchObject({ advanced: true, frame_rate: 30, dropped_frames: null });
  expect(look(4, 0).advanced).toBe(false);
});

it("goes on counting dropped frames with the next engine", () => {
  const { counts, collector } = video();
  Object.assign(counts, { totalVideoFrames: 90, droppedVideoFrames: 3 });
  collector.sample(0, false);
  Object.assign(counts, { totalVideoFrames: 10, droppedVideoFrames: 1 });
  expect(collector.sample(250, false).dropped_frames).toBe(4);
});

it("is null where a value isn't known", () => {
  const { element, collector } = video();
  element.videoWidth = element.videoHeight = 0;
  const unknown = { width: null, height: null, latency: null, frame_rate: null };
  expect(collector.stats(position, PLAYING)).toMatchObject(unknown);
});

it("measures latency by the host's clock, as the median of the last few, and forgets it while stalled", () => {
  const { collector } = video();
  collector.setClock({ sent: 1_000, received: 1_000, server_time: 101_000 });
  expect(collector.hostTime(1_000)).toBe(101_000);
  for (const now of [900, 5_000, 800]) collector.sampleLatency(position, now);
  expect(collector.stats(position, PLAYING).latency).toBe(900);
  collector.sampleLatency(null, 6_000);
  expect(collector.stats(position, PLAYING).latency).toBeNull();
  collector.sampleLatency(position, 300);
  expect(collector.stats(position, PLAYING).latency).toBe(300);
});

it("doesn't know the latency of a frame without a time, from the future, or of another day", () => {
  expect(latencyOf(10_000, 10_640)).toBe(640);
  expect(latencyOf(null, 10)).toBeNull();
  expect(latencyOf(Number.NaN, 10)).toBeNull();
  expect(latencyOf(10_001, 10_000)).toBeNull();
  expect(latencyOf(0, 90_000_000)).toBeNull();
});

it("prefers the engine's own latency to a computed one", () => {
  const { collector } = video();
  collector.sampleLatency({ ...position, latency: 210 }, 100_500);
  expect(collector.stats(position, PLAYING).latency).toBe(210);
});
