import { expect, it } from "vitest";
import type { EnginePosition } from "../../../player/engines/engine.ts";
import { Gauges } from "../../../player/gauges.ts";

const position: EnginePosition = { live_edge: 9, target: 1.5, oldest: 0, playing_date: 100_000, bitrate: 2_000_000 };
const PLAYING = { held: false, started: true };

function video() {
  const counts = { totalVideoFrames: 0, droppedVideoFrames: 0 };
  const element = {
    ...{ currentTime: 0, videoWidth: 640, videoHeight: 360, playbackRate: 1.05 },
    buffered: { length: 1, start: () => 0, end: () => 10 },
    getVideoPlaybackQuality: () => counts,
  };
  return { element, counts, gauges: new Gauges(element as unknown as HTMLVideoElement) };
}

it("show size, speed, frames a second and what lies ready", () => {
  const { element, counts, gauges } = video();
  for (let second = 0; second <= 2; second++) {
    element.currentTime = second;
    counts.totalVideoFrames = second * 30;
    counts.droppedVideoFrames = second;
    gauges.look(second * 1000, false);
  }
  const figures = gauges.figures(position, PLAYING);
  expect(figures).toMatchObject({ width: 640, height: 360, rate: 1.05, bitrate: 2_000_000, target: 1.5 });
  expect(figures).toMatchObject({ frame_rate: 29, dropped_frames: 2, buffered: 8 });
  expect(gauges.figures(position, { held: true, started: false })).toMatchObject({ frame_rate: null, buffered: null });
});

it("know nothing where nothing is known", () => {
  const { element, gauges } = video();
  element.videoWidth = element.videoHeight = 0;
  expect(gauges.figures(position, PLAYING)).toMatchObject({
    width: null,
    height: null,
    latency: null,
    frame_rate: null,
  });
});

it("measure latency by the host's clock, as the middle of the last few, and forget it at a standstill", () => {
  const { gauges } = video();
  gauges.setClock({ sent: 1_000, received: 1_000, server_time: 101_000 });
  expect(gauges.hostTime(1_000)).toBe(101_000);
  for (const now of [900, 5_000, 800]) gauges.takeLatency(position, now);
  expect(gauges.figures(position, PLAYING).latency).toBe(900);
  gauges.takeLatency(null, 6_000);
  expect(gauges.figures(position, PLAYING).latency).toBeNull();
});

it("take the engine's own word on latency before a calculated one", () => {
  const { gauges } = video();
  gauges.takeLatency({ ...position, latency: 210 }, 100_500);
  expect(gauges.figures(position, PLAYING).latency).toBe(210);
});
