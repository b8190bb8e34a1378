// The figures of this host in Prometheus' form, read from the streams when somebody asks. Never holds a stream, and never
// invents a figure: what can't be known is not there.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { STREAM_STATES, type StreamInfo } from "../../protocol/results.ts";
import { type ProcessUsage, processUsage } from "./process-usage.ts";

/** A stream as it is now; for a minute after its end as it was. */
export interface StreamReading {
  readonly stream_id: string;
  /** `null`: its tab is only recorded, nobody can see it. */
  readonly info: StreamInfo | null;
  /** Ids of the FFmpeg processes that work for it. */
  readonly ffmpeg_pids: readonly number[];
  /** How many watch, by the way in which they do. */
  readonly viewers: Readonly<Record<string, number>>;
}

/** What {@link HostMetrics} need. */
export interface HostMetricsOptions {
  readonly version: string;
  readonly streams: () => readonly StreamReading[];
  /** Replaced in tests. */
  readonly usage?: (pid: number) => Promise<ProcessUsage | null>;
}

/** Upper ends of the histogram's buckets, s. */
const BUCKETS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10];
const OVER = new Set<string>(["stopped", "error"]);

/** What is read for each stream: name, help, labels besides the stream's, values (null: not known). */
const COUNTERS: readonly [string, string, (info: StreamInfo) => [Record<string, string>, number | null][]][] = [
  ["frames_total", "Frames of the picture that were made into media", ({ metrics }) => [[{}, metrics.frames_sent]]],
  ["dropped_frames_total", "Frames that were lost", ({ metrics }) => [[{}, metrics.dropped_frames]]],
  ["bytes_total", "Bytes of media that were made", ({ metrics }) => [[{}, metrics.bytes_sent]]],
  [
    "restarts_total",
    "What was repaired while live, by what had to be begun anew",
    ({ recovery_metrics }) => [
      [{ what: "ffmpeg" }, recovery_metrics.ffmpeg_restarts],
      [{ what: "capture" }, recovery_metrics.capture_restarts],
      [{ what: "rtmp" }, recovery_metrics.rtmp_reconnects],
    ],
  ],
];

/** The metrics of one host. */
export class HostMetrics {
  readonly #registry = new Registry();
  readonly #options: HostMetricsOptions;
  readonly #latency: Histogram<"rendition">;
  #began = false;

  constructor(options: HostMetricsOptions) {
    this.#options = options;
    const { version } = options;
    this.#gauge("flybrowser_info", "Version of the host; always 1", ["version"], (gauge) => gauge.set({ version }, 1));
    this.#addStreams();
    this.#addProcesses();
    this.#latency = new Histogram({
      name: "flybrowser_part_latency_seconds",
      help: "From the capture of the first picture (or sound) of a part to that part being ready for viewers",
      labelNames: ["rendition"],
      buckets: BUCKETS,
      registers: [this.#registry],
    });
  }

  /** A part became ready `seconds` after the capture of its beginning. */
  partReady(rendition: "video" | "audio", seconds: number): void {
    this.#latency.observe({ rendition }, seconds);
  }

  /** Media type of {@link text}. */
  get type(): string {
    return this.#registry.contentType;
  }

  /** All figures as of now. */
  text(): Promise<string> {
    if (!this.#began) {
      this.#began = true;
      // Only from the first asking on: measuring the event loop's lag costs a hundred wake-ups a second.
      collectDefaultMetrics({ register: this.#registry });
    }
    return this.#registry.metrics();
  }

  #addStreams(): void {
    const { streams } = this.#options;
    const seen = () => streams().flatMap(({ info, viewers }) => (info ? [{ info, viewers }] : []));
    const living = () => seen().filter(({ info }) => !OVER.has(info.state));
    this.#gauge("flybrowser_streams", "Streams that live, by state", ["state"], (gauge) => {
      for (const state of STREAM_STATES.filter((state) => !OVER.has(state))) gauge.set({ state }, 0);
      for (const { info } of living()) gauge.inc({ state: info.state });
    });
    const facts = ["protocol", "quality", "codec", "encoder", "health"] as const;
    this.#gauge("flybrowser_stream_info", "What a stream is; always 1", ["stream_id", ...facts], (gauge) => {
      for (const { info } of living()) {
        const { stream_id, protocol, quality, codec, encoder, health } = info;
        gauge.set({ stream_id, protocol, quality, codec, encoder, health }, 1);
      }
    });
    const help = "Who watches, by way; unknown: a player page that has fetched nothing yet";
    this.#gauge("flybrowser_stream_viewers", help, ["stream_id", "way"], (gauge) => {
      for (const { info, viewers } of living()) {
        for (const [way, count] of Object.entries(viewers)) gauge.set({ stream_id: info.stream_id, way }, count);
      }
    });
    const free = "Share of the queue towards FFmpeg that is free, 0 to 1";
    this.#gauge("flybrowser_stream_queue_free_ratio", free, ["stream_id"], (gauge) => {
      for (const { info } of living()) {
        const { buffer_health } = info.metrics;
        if (buffer_health !== null) gauge.set({ stream_id: info.stream_id }, buffer_health / 100);
      }
    });
    for (const [name, words, read] of COUNTERS) {
      this.#counter(`flybrowser_stream_${name}`, words, ["stream_id", "what"], (counter) => {
        for (const { info } of seen()) {
          for (const [labels, value] of read(info)) {
            if (value !== null) counter.inc({ stream_id: info.stream_id, ...labels }, value);
          }
        }
      });
    }
  }

  /** The host's own CPU time and memory are among the default metrics (process_*). */
  #addProcesses(): void {
    const { streams, usage = processUsage } = this.#options;
    type Take = (labels: { stream_id: string; pid: string }, usage: ProcessUsage) => void;
    const each = async (metric: { reset(): void }, take: Take) => {
      const processes = streams().flatMap(({ stream_id, ffmpeg_pids }) =>
        ffmpeg_pids.map((pid) => ({ pid, stream_id })),
      );
      const used = await Promise.all(processes.map(({ pid }) => usage(pid)));
      metric.reset(); // after the wait: somebody else may ask meanwhile
      processes.forEach(({ pid, stream_id }, index) => {
        const found = used[index];
        if (found) take({ stream_id, pid: String(pid) }, found);
      });
    };
    const labels = ["stream_id", "pid"];
    this.#counter("flybrowser_ffmpeg_cpu_seconds_total", "CPU time of an FFmpeg (Linux)", labels, (counter) =>
      each(counter, (labels, { cpu_seconds }) => counter.inc(labels, cpu_seconds)),
    );
    this.#gauge("flybrowser_ffmpeg_resident_memory_bytes", "Resident memory of an FFmpeg (Linux)", labels, (gauge) =>
      each(gauge, (labels, { resident_bytes }) => gauge.set(labels, resident_bytes)),
    );
  }

  #gauge(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void | Promise<void>): void {
    const collect = async function (this: Gauge): Promise<void> {
      this.reset();
      await read(this);
    };
    new Gauge({ name, help, labelNames, collect, registers: [this.#registry] });
  }

  #counter(name: string, help: string, labelNames: string[], read: (counter: Counter) => void | Promise<void>): void {
    const collect = async function (this: Counter): Promise<void> {
      this.reset();
      await read(this);
    };
    new Counter({ name, help, labelNames, collect, registers: [this.#registry] });
  }
}

/** Whether FLYBROWSER_METRICS allows anybody on this machine to read the figures, without the token. */
export function metricsOpen(environment: NodeJS.ProcessEnv): boolean {
  return environment.FLYBROWSER_METRICS?.trim().toLowerCase() === "open";
}
