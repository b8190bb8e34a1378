// The metrics of this host in Prometheus' text format, read from the streams when somebody asks. What can't be known has no sample.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import {
  type DestinationStatus,
  type PlaybackQuality,
  STREAM_STATES,
  type StreamInfo,
} from "../../protocol/results.ts";
import type { SinkReport } from "../media/sink.ts";
import { type ProcessUsage, processUsage } from "./process-usage.ts";

/** A stream as it is now; for a minute after its end as it was. */
export interface StreamReading {
  readonly stream_id: string;
  /** `null`: its tab is only recorded, nobody can see it. */
  readonly info: StreamInfo | null;
  /** Ids of the FFmpeg processes that work for it. */
  readonly ffmpeg_pids: readonly number[];
  /** How many watch, by protocol. */
  readonly viewers: Readonly<Record<string, number>>;
  readonly sinks: readonly SinkReport[];
  /** What viewers by WebRTC lost who share an encoder; `null`: nobody does. */
  readonly webrtc: WebRtcLoss | null;
}

/** Of all viewers of a stream together. */
export interface WebRtcLoss {
  readonly dropped_frames: number;
  readonly packets_again: number;
}

/** What {@link HostMetrics} need. */
export interface HostMetricsOptions {
  readonly version: string;
  readonly streams: () => readonly StreamReading[];
  /** Replaced in tests. */
  readonly usage?: (pid: number) => Promise<ProcessUsage | null>;
}

type Labels = Readonly<Record<string, string>>;
/** Labels besides the stream's id, and the value; `null`: not known. */
type Sample = readonly [Labels, number | null];
/** Gauges are of streams that live; counters stay for a minute after the end, so that their last values are read. */
type MetricType = "gauge" | "counter";
/** Type, name, help, and where the value is read. */
type Metric<Source> = readonly [MetricType, string, string, (source: Source) => number | null];

/** Upper ends of the histogram's buckets, s. */
const BUCKETS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10];
const FACTS = ["protocol", "quality", "codec", "encoder", "health"] as const;

const OF_STREAM: readonly Metric<StreamInfo["metrics"]>[] = [
  ["gauge", "queue_free_ratio", "Share of the queue towards FFmpeg that is free, 0 to 1", queueFree],
  ["counter", "frames_total", "Video frames that were made into media", ({ frames_sent }) => frames_sent],
  ["counter", "dropped_frames_total", "Video frames that were lost", ({ dropped_frames }) => dropped_frames],
  ["counter", "bytes_total", "Bytes of media that were made", ({ bytes_sent }) => bytes_sent],
];
const inSeconds = (ms: number | null) => (ms === null ? null : ms / 1000);
/** As the players of the viewers report it. */
const OF_PLAYBACK: readonly Metric<PlaybackQuality>[] = [
  ["gauge", "players", "Players that report how they play", ({ players }) => players],
  ["gauge", "rebuffering_players", "Those of them that wait for media now", ({ rebuffering }) => rebuffering],
  ["gauge", "latency_median_seconds", "From capture to display", ({ latency_ms }) => inSeconds(latency_ms)],
  ["gauge", "latency_p95_seconds", "The same, of 95 of 100", ({ latency_p95_ms }) => inSeconds(latency_p95_ms)],
  ["counter", "rebuffers_total", "How often players had to wait for media", ({ rebuffers }) => rebuffers],
  ["counter", "rebuffering_seconds_total", "For how long in all", ({ rebuffering_ms }) => inSeconds(rebuffering_ms)],
];
const OF_SINK: readonly Metric<SinkReport>[] = [
  ["gauge", "queued_bytes", "Bytes of media that wait for a sink", ({ queued_bytes }) => queued_bytes],
  ["counter", "dropped_units_total", "Fragments left out: the sink was too slow", ({ dropped_units }) => dropped_units],
  ["counter", "failures_total", "How often a sink has failed", ({ failures }) => failures],
];
const OF_DESTINATION: readonly Metric<DestinationStatus>[] = [
  ["counter", "reconnects_total", "How often a destination was reconnected", ({ reconnects }) => reconnects],
  ["counter", "bytes_total", "Bytes that a destination's network has taken", ({ bytes_sent }) => bytes_sent],
  ["counter", "dropped_frames_total", "Video frames that did not get there", ({ dropped_frames }) => dropped_frames],
];

const OF_WEBRTC: readonly Metric<WebRtcLoss>[] = [
  ["counter", "dropped_frames_total", "Frames left out for viewers with slow lines", (loss) => loss.dropped_frames],
  ["counter", "packets_again_total", "Packets that were lost on the way and sent again", (loss) => loss.packets_again],
];

function queueFree({ buffer_health }: StreamInfo["metrics"]): number | null {
  return buffer_health === null ? null : buffer_health / 100;
}

function isOver(info: StreamInfo | null): boolean {
  return info?.state === "stopped" || info?.state === "error";
}

function destinationsOf(info: StreamInfo | null): readonly DestinationStatus[] {
  return info?.destinations ?? [];
}

/** The metrics of one host. */
export class HostMetrics {
  readonly #registry = new Registry();
  readonly #options: HostMetricsOptions;
  readonly #latency: Histogram<"rendition">;
  #began = false;

  constructor(options: HostMetricsOptions) {
    this.#options = options;
    const { version, streams } = options;
    this.#add("gauge", "info", "Version of the host; always 1", ["version"], (add) => add({ version }, 1));
    this.#add("gauge", "streams", "Streams that live, by state", ["state"], (add) => {
      for (const state of STREAM_STATES) if (state !== "stopped" && state !== "error") add({ state }, 0);
      for (const { info } of streams()) if (info && !isOver(info)) add({ state: info.state }, 1);
    });
    this.#addStreams();
    this.#addProcesses();
    this.#latency = new Histogram({
      name: "flybrowser_part_latency_seconds",
      help: "From the capture of what a part begins with to that part being ready for viewers",
      labelNames: ["rendition"],
      buckets: BUCKETS,
      registers: [this.#registry],
    });
  }

  /** A part of a rendition became ready `seconds` after the capture of its beginning. */
  partReady(rendition_id: string, seconds: number): void {
    this.#latency.observe({ rendition: rendition_id }, seconds);
  }

  /** Media type of {@link text}. */
  get type(): string {
    return this.#registry.contentType;
  }

  /** All metrics as of now. */
  text(): Promise<string> {
    if (!this.#began) {
      this.#began = true;
      // Not before somebody asks: measuring the event loop's lag costs a hundred wake-ups a second.
      collectDefaultMetrics({ register: this.#registry });
    }
    return this.#registry.metrics();
  }

  #addStreams(): void {
    this.#addOfStreams("gauge", "stream_info", "What a stream is; always 1", FACTS, ({ info }) =>
      info ? [[Object.fromEntries(FACTS.map((fact) => [fact, info[fact]])), 1]] : [],
    );
    const help = "Who watches, by protocol; unknown: a player page that has fetched nothing yet";
    this.#addOfStreams("gauge", "stream_viewers", help, ["way"], ({ info, viewers }) =>
      info ? Object.entries(viewers).map(([way, count]) => [{ way }, count]) : [],
    );
    for (const [type, name, help, value] of OF_PLAYBACK) {
      this.#addOfStreams(type, `stream_playback_${name}`, help, [], ({ info }) => {
        const told = info?.playback ? value(info.playback) : null;
        return told === null ? [] : [[{}, told]];
      });
    }
    for (const [type, name, help, value] of OF_STREAM) {
      this.#addOfStreams(type, `stream_${name}`, help, [], ({ info }) => (info ? [[{}, value(info.metrics)]] : []));
    }
    this.#addOfStreams("counter", "stream_restarts_total", "What was restarted while live", ["what"], ({ info }) => {
      if (!info) return [];
      const { ffmpeg_restarts, capture_restarts, rtmp_reconnects } = info.recovery_metrics;
      const restarts = { ffmpeg: ffmpeg_restarts, capture: capture_restarts, rtmp: rtmp_reconnects };
      return Object.entries(restarts).map(([what, count]) => [{ what }, count]);
    });
    for (const [type, name, help, value] of OF_WEBRTC) {
      this.#addOfStreams(type, `stream_webrtc_${name}`, help, [], ({ webrtc }) =>
        webrtc ? [[{}, value(webrtc)]] : [],
      );
    }
    for (const [type, name, help, value] of OF_SINK) {
      this.#addOfStreams(type, `sink_${name}`, help, ["sink"], ({ sinks }) =>
        sinks.map((sink) => [{ sink: sink.name }, value(sink)]),
      );
    }
    const destination = ["destination_id", "name"];
    const state = "State of a destination; always 1";
    this.#addOfStreams("gauge", "destination_state", state, [...destination, "state"], ({ info }) =>
      destinationsOf(info).map(({ destination_id, name, state }) => [{ destination_id, name, state }, 1]),
    );
    for (const [type, name, help, value] of OF_DESTINATION) {
      this.#addOfStreams(type, `destination_${name}`, help, destination, ({ info }) =>
        destinationsOf(info).map((each) => [{ destination_id: each.destination_id, name: each.name }, value(each)]),
      );
    }
  }

  /** Those of the host itself are among the default metrics (process_*). */
  #addProcesses(): void {
    const { streams, usage = processUsage } = this.#options;
    const each = async (take: (labels: Labels, usage: ProcessUsage) => void) => {
      const pids = streams().flatMap(({ stream_id, ffmpeg_pids }) => ffmpeg_pids.map((pid) => ({ pid, stream_id })));
      const used = await Promise.all(pids.map(({ pid }) => usage(pid)));
      pids.forEach(({ pid, stream_id }, index) => {
        const found = used[index];
        if (found) take({ stream_id, pid: String(pid) }, found);
      });
    };
    const labels = ["stream_id", "pid"];
    this.#add("counter", "ffmpeg_cpu_seconds_total", "CPU time of an FFmpeg (Linux)", labels, (add) =>
      each((of, { cpu_seconds }) => add(of, cpu_seconds)),
    );
    this.#add("gauge", "ffmpeg_resident_memory_bytes", "Resident memory of an FFmpeg (Linux)", labels, (add) =>
      each((of, { resident_bytes }) => add(of, resident_bytes)),
    );
  }

  /** `labels`: besides the stream's id. */
  #addOfStreams(
    type: MetricType,
    name: string,
    help: string,
    labels: readonly string[],
    read: (stream: StreamReading) => readonly Sample[],
  ): void {
    this.#add(type, name, help, ["stream_id", ...labels], (add) => {
      for (const stream of this.#options.streams()) {
        if (type === "gauge" && isOver(stream.info)) continue;
        for (const [own, value] of read(stream))
          if (value !== null) add({ stream_id: stream.stream_id, ...own }, value);
      }
    });
  }

  /** Adds a metric whose samples `collect` gives anew each time; samples of the same labels are added up. */
  #add(
    type: MetricType,
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (add: (labels: Labels, value: number) => void) => void | Promise<void>,
  ): void {
    const metric: Counter | Gauge = new (type === "gauge" ? Gauge : Counter)({
      ...{ name: `flybrowser_${name}`, help, labelNames: [...labelNames], registers: [this.#registry] },
      async collect() {
        const samples: [Labels, number][] = [];
        await collect((labels, value) => samples.push([labels, value]));
        metric.reset(); // after the wait: somebody else may have asked meanwhile
        for (const [labels, value] of samples) metric.inc({ ...labels }, value);
      },
    });
  }
}

/** Whether FLYBROWSER_METRICS lets anybody on this machine read the metrics, without the token. */
export function metricsOpen(environment: NodeJS.ProcessEnv): boolean {
  return environment.FLYBROWSER_METRICS?.trim().toLowerCase() === "open";
}
