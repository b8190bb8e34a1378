import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HostMetrics, metricsOpen, type StreamReading } from "../../../../native-host/metrics/host-metrics.ts";
import { processUsage } from "../../../../native-host/metrics/process-usage.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";

function reading(stream_id: string, change: Partial<StreamInfo> = {}): StreamReading {
  const info = {
    ...{ stream_id, protocol: "hls", quality: "high", codec: "h264", encoder: "passthrough", health: "healthy" },
    state: "active",
    metrics: { frames_sent: 90, bytes_sent: 12_345, dropped_frames: null, buffer_health: 75 },
    recovery_metrics: { ffmpeg_restarts: 1, capture_restarts: 2, rtmp_reconnects: 3 },
    ...change,
  } as StreamInfo;
  return { stream_id, info, ffmpeg_pids: [77, 78], viewers: { hls: 2, dash: 0, webrtc: 1, unknown: 0 } };
}

/** The samples of a text, by name with labels. */
async function samples(metrics: HostMetrics): Promise<Map<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test("what the streams say now, and nothing of what can't be known", async () => {
  let streams = [reading("a")];
  const usage = async (pid: number) => (pid === 77 ? { cpu_seconds: 1.5, resident_bytes: 4096 } : null);
  const metrics = new HostMetrics({ version: "1.2.3", streams: () => streams, usage });
  metrics.partReady("video", 0.25);
  const first = await samples(metrics);
  expect(
    Object.fromEntries([...first].filter(([name]) => name.startsWith("flybrowser") && !/bucket/.test(name))),
  ).toEqual({
    'flybrowser_info{version="1.2.3"}': 1,
    'flybrowser_streams{state="initializing"}': 0,
    'flybrowser_streams{state="active"}': 1,
    'flybrowser_streams{state="recovering"}': 0,
    'flybrowser_stream_info{stream_id="a",protocol="hls",quality="high",codec="h264",encoder="passthrough",health="healthy"}': 1,
    'flybrowser_stream_viewers{stream_id="a",way="hls"}': 2,
    'flybrowser_stream_viewers{stream_id="a",way="dash"}': 0,
    'flybrowser_stream_viewers{stream_id="a",way="webrtc"}': 1,
    'flybrowser_stream_viewers{stream_id="a",way="unknown"}': 0,
    'flybrowser_stream_queue_free_ratio{stream_id="a"}': 0.75,
    'flybrowser_stream_frames_total{stream_id="a"}': 90,
    'flybrowser_stream_bytes_total{stream_id="a"}': 12_345,
    'flybrowser_stream_restarts_total{stream_id="a",what="ffmpeg"}': 1,
    'flybrowser_stream_restarts_total{stream_id="a",what="capture"}': 2,
    'flybrowser_stream_restarts_total{stream_id="a",what="rtmp"}': 3,
    'flybrowser_ffmpeg_cpu_seconds_total{stream_id="a",pid="77"}': 1.5,
    'flybrowser_ffmpeg_resident_memory_bytes{stream_id="a",pid="77"}': 4096,
    'flybrowser_part_latency_seconds_sum{rendition="video"}': 0.25,
    'flybrowser_part_latency_seconds_count{rendition="video"}': 1,
  });
  expect(first.get('flybrowser_part_latency_seconds_bucket{le="0.2",rendition="video"}')).toBe(0);
  expect(first.get('flybrowser_part_latency_seconds_bucket{le="0.3",rendition="video"}')).toBe(1);
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_seconds"]) {
    expect([...first.keys()]).toContain(name);
  }

  streams = [reading("a", { state: "stopped" }), reading("b")];
  const later = [...(await samples(metrics)).keys()];
  expect(later).toContain('flybrowser_stream_frames_total{stream_id="a"}'); // so that the last figures are read once
  expect(later).not.toContain('flybrowser_stream_viewers{stream_id="a",way="hls"}');
  streams = [{ ...reading("c"), info: null }]; // only recorded
  const recorded = [...(await samples(metrics)).keys()].filter((name) => name.includes('stream_id="c"'));
  expect(recorded.map((name) => name.split("{")[0])).toEqual([
    "flybrowser_ffmpeg_cpu_seconds_total",
    "flybrowser_ffmpeg_resident_memory_bytes",
  ]);
  streams = [];
  const empty = await samples(metrics);
  expect(empty.get('flybrowser_streams{state="active"}')).toBe(0);
  expect([...empty.keys()].filter((name) => /stream_id|pid=/.test(name))).toEqual([]);
});

test("open only by its word", () => {
  const all = [undefined, "", "1", "yes", "open", " Open "].map((word) =>
    metricsOpen(word === undefined ? {} : { FLYBROWSER_METRICS: word }),
  );
  expect(all).toEqual([false, false, false, false, true, true]);
});

test.runIf(process.platform === "linux")("the usage of a process is what the system says of it", async () => {
  const own = await processUsage(process.pid);
  const { user, system } = process.cpuUsage();
  expect(own?.cpu_seconds).toBeGreaterThan(0);
  expect(own?.cpu_seconds).toBeLessThanOrEqual((user + system) / 1e6 + 0.02);
  expect((own?.resident_bytes ?? 0) / process.memoryUsage.rss()).toBeGreaterThan(0.5);
  expect((own?.resident_bytes ?? 0) / process.memoryUsage.rss()).toBeLessThan(2);
  const none = Number(readFileSync("/proc/sys/kernel/pid_max", "utf8")) + 1;
  expect(await processUsage(none)).toBeNull();
});

test("where there is no /proc, there is no figure", async () => {
  expect(await processUsage(process.pid, "/nonexistent")).toBeNull();
});
