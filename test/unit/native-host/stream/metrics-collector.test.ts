// What the metrics know of the capture: whether video has come since it began a run, and how often it began one by itself.
import { expect, test } from "vitest";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import { MetricsCollector } from "../../../../native-host/stream/metrics-collector.ts";
import { streamInfo } from "../stream-info.ts";

const clock = { now: 0, wall: (at: number) => at };
const unit = (kind: "video" | "audio") =>
  ({ kind, dts: 0, end: 33, duration: 33, keyframe: true, frames: 1, bytes: new Uint8Array(1) }) as MediaUnit;

test("video counts for the run that the capture began last, audio doesn't", () => {
  const metrics = new MetricsCollector(clock);
  expect(metrics.moves).toBe(false);
  metrics.write(unit("audio"));
  expect(metrics.moves).toBe(false);
  metrics.write(unit("video"));
  expect(metrics.moves).toBe(true);
  metrics.captureBegins(false);
  expect(metrics.moves).toBe(false);
  metrics.write(unit("video"));
  expect(metrics.moves).toBe(true);
});

test("restarts of the capture are those by itself, and the deaths of hosts before", () => {
  const metrics = new MetricsCollector(clock, 2);
  metrics.captureBegins(false);
  metrics.captureBegins(true);
  const destinations = { dropped_frames: 0, rtmp_reconnects: 0, recovered_at: 0 };
  const read = metrics.read({ buffer_health: null, ignored_bytes: 0, destinations });
  expect(read.recovery_metrics.capture_restarts).toBe(3);
});

test("in a new host everything is counted on from what the last one told", () => {
  const last = streamInfo();
  const metrics = new MetricsCollector(clock, 1, last);
  const destinations = { dropped_frames: 2, rtmp_reconnects: 1, recovered_at: 0 };
  const read = () => metrics.read({ buffer_health: null, ignored_bytes: 0, destinations });
  expect(read().metrics).toMatchObject({ frames_sent: 90, bytes_sent: 12_345, dropped_frames: 2 });
  expect(metrics.moves).toBe(false);
  metrics.write(unit("video"));
  metrics.ffmpegRestarted();
  expect(read().metrics).toMatchObject({ frames_sent: 91, bytes_sent: 12_346 });
  expect(read().recovery_metrics).toMatchObject({ ffmpeg_restarts: 2, capture_restarts: 3, rtmp_reconnects: 4 });
});
