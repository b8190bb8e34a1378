// The figures that a run has to reach, and whether it did.
import type { BenchResults } from "./results.ts";

/** A floor and what was measured beside it. */
export interface Verdict {
  readonly name: string;
  readonly unit: string;
  readonly floor: number;
  /** Whether more is better. */
  readonly at_least: boolean;
  readonly measured: number;
  readonly verdict: "PASS" | "BELOW";
}

interface Floor {
  readonly name: string;
  readonly unit: string;
  readonly floor: number;
  readonly at_least?: boolean;
  /** `undefined`: that section, or that way, gave no figure. */
  readonly of: (results: BenchResults) => number | undefined;
}

const latency = (way: string) => (results: BenchResults) =>
  results.latency?.find((row) => row.way === way)?.figures?.p50;
const chain = (results: BenchResults) => results.cost?.find((row) => row.name === "chain");
const hostAndFfmpeg = (figures: Record<"host" | "ffmpeg", { median: number }> | null | undefined) =>
  figures ? figures.host.median + figures.ffmpeg.median : undefined;

const still = ({ still: rows }: BenchResults) => {
  const [chain, tab] = ["chain-parts", "tab"].map((way) => rows?.find(({ name }) => name === way)?.cores?.total.median);
  return chain === undefined || tab === undefined ? undefined : chain - tab;
};

const FLOORS: readonly Floor[] = [
  { name: "WebRTC, p50", unit: "ms", floor: 100, of: latency("webrtc") },
  { name: "low-latency HLS, p50", unit: "ms", floor: 1000, of: latency("ll-hls") },
  { name: "low-latency DASH, p50", unit: "ms", floor: 1500, of: latency("dash") },
  { name: "host and FFmpeg, CPU", unit: "cores", floor: 0.05, of: (results) => hostAndFfmpeg(chain(results)?.cores) },
  { name: "host and FFmpeg, memory", unit: "MiB", floor: 150, of: (results) => hostAndFfmpeg(chain(results)?.memory) },
  {
    name: "eight destinations by RTMP, more than one",
    unit: "cores",
    floor: 0.1,
    of: ({ destinations }) => destinations?.more.rtmp.median,
  },
  {
    name: "eight destinations of several kinds, more than one",
    unit: "cores",
    floor: 0.1,
    of: ({ destinations }) => destinations?.more.mixed.median,
  },
  { name: "startStream to its return", unit: "ms", floor: 1500, of: (results) => results.start?.return.median },
  {
    name: "distinct frames of the chain",
    unit: "fps",
    floor: 29,
    at_least: true,
    of: (results) => chain(results)?.distinct_fps?.median,
  },
  { name: "a still page, more than its tab alone", unit: "cores", floor: 0.03, of: still },
  {
    name: "viewers without a late part",
    unit: "",
    floor: 300,
    at_least: true,
    of: (results) => results.viewers?.most_at_host,
  },
  {
    name: "sound and video apart in a recording",
    unit: "ms",
    floor: 100,
    of: ({ drift }) => drift && Math.max(Math.abs(drift.least), Math.abs(drift.most)),
  },
  {
    name: "drift of the two over an hour",
    unit: "ms",
    floor: 40,
    of: ({ drift }) => drift && Math.abs(drift.at_end - drift.at_start),
  },
];

/** Compares with the floors, as far as there are figures. */
export function judge(results: BenchResults): Verdict[] {
  return FLOORS.flatMap(({ name, unit, floor, at_least = false, of }) => {
    const measured = of(results);
    if (measured === undefined || Number.isNaN(measured)) return [];
    const reached = at_least ? measured >= floor : measured <= floor;
    return [{ name, unit, floor, at_least, measured, verdict: reached ? "PASS" : "BELOW" }];
  });
}
