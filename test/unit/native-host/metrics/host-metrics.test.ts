import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SinkReport } from "../../../../native-host/media/sink.ts";
import { HostMetrics, metricsOpen, type StreamReading } from "../../../../native-host/metrics/host-metrics.ts";
import { processUsage } from "../../../../native-host/metrics/process-usage.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";
import { streamInfo } from "../stream-info.ts";

const SINK: SinkReport = {
  ...{
    name: "packager",
    detached: false,
    queued_bytes: 0,
    dropped_units: 0,
    dropped_frames: 0,
    failures: 0,
    error: null,
  },
};

const DESTINATION: StreamInfo["destinations"][number] = {
  ...{ destination_id: "d", name: "Twitch", url: "rtmp://live.example/app", state: "retrying", error: null },
  ...{ since: "2030-01-01T12:00:00.000Z", reconnects: 4, bytes_sent: 99, dropped_frames: 8 },
};

function reading(stream_id: string, change: Partial<StreamInfo> = {}): StreamReading {
  return {
    ...{ stream_id, info: streamInfo({ stream_id, destinations: [DESTINATION], ...change }), ffmpeg_pids: [77, 78] },
    viewers: { hls: 2, dash: 0, webrtc: 1, unknown: 0 },
    webrtc: { dropped_frames: 5, packets_again: 9 },
    sinks: [SINK, { ...SINK, name: "rtmp", queued_bytes: 512, dropped_units: 7, failures: 2 }],
  };
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
    'flybrowser_stream_webrtc_dropped_frames_total{stream_id="a"}': 5,
    'flybrowser_stream_webrtc_packets_again_total{stream_id="a"}': 9,
    'flybrowser_sink_queued_bytes{stream_id="a",sink="packager"}': 0,
    'flybrowser_sink_queued_bytes{stream_id="a",sink="rtmp"}': 512,
    'flybrowser_sink_dropped_units_total{stream_id="a",sink="packager"}': 0,
    'flybrowser_sink_dropped_units_total{stream_id="a",sink="rtmp"}': 7,
    'flybrowser_sink_failures_total{stream_id="a",sink="packager"}': 0,
    'flybrowser_sink_failures_total{stream_id="a",sink="rtmp"}': 2,
    'flybrowser_destination_state{stream_id="a",destination_id="d",name="Twitch",state="retrying"}': 1,
    'flybrowser_destination_reconnects_total{stream_id="a",destination_id="d",name="Twitch"}': 4,
    'flybrowser_destination_bytes_total{stream_id="a",destination_id="d",name="Twitch"}': 99,
    'flybrowser_destination_dropped_frames_total{stream_id="a",destination_id="d",name="Twitch"}': 8,
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
  expect(later).not.toContain('flybrowser_sink_queued_bytes{stream_id="a",sink="rtmp"}');
  streams = [{ ...reading("c"), info: null, webrtc: null, sinks: [{ ...SINK, name: "recording" }] }]; // only recorded
  const recorded = [...(await samples(metrics)).keys()].filter((name) => name.includes('stream_id="c"'));
  expect(recorded.map((name) => name.split("{")[0])).toEqual([
    "flybrowser_sink_queued_bytes",
    "flybrowser_sink_dropped_units_total",
    "flybrowser_sink_failures_total",
    "flybrowser_ffmpeg_cpu_seconds_total",
    "flybrowser_ffmpeg_resident_memory_bytes",
  ]);
  streams = [];
  const empty = await samples(metrics);
  expect(empty.get('flybrowser_streams{state="active"}')).toBe(0);
  expect([...empty.keys()].filter((name) => /stream_id|pid=/.test(name))).toEqual([]);
});

test("two sinks of one name are added up, and nothing is counted twice by asking twice", async () => {
  const streams = [{ ...reading("a"), sinks: [SINK, SINK].map((sink) => ({ ...sink, failures: 1, queued_bytes: 5 })) }];
  const metrics = new HostMetrics({ version: "1", streams: () => streams, usage: async () => null });
  const [first] = await Promise.all([samples(metrics), samples(metrics)]);
  for (const all of [first, await samples(metrics)]) {
    expect(all.get('flybrowser_sink_failures_total{stream_id="a",sink="packager"}')).toBe(2);
    expect(all.get('flybrowser_sink_queued_bytes{stream_id="a",sink="packager"}')).toBe(10);
  }
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
