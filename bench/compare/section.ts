// The section "compare": the built product of another checkout beside this one, in turns, on the same page. What is compared is
// the host and its FFmpeg processes, with everything attached and with one viewer alone.
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sleep } from "../../protocol/async.ts";
import { startRtmpServer } from "../../test/fixtures/rtmp/nginx.ts";
import { Cleanup } from "../../test/fixtures/rtmp/processes.ts";
import { type Chain, startChain } from "../chain.ts";
import type { BenchContext } from "../context.ts";
import { parseMultivariant } from "../hls/playlist.ts";
import { coresBetween, coresElsewhere, memoryByRole, takeSnapshot } from "../processes.ts";
import { percentile, type Summary, summarize } from "../statistics.ts";
import { Connection } from "../viewers/connection.ts";
import { Ledger } from "../viewers/ledger.ts";
import { PlaylistReader } from "../viewers/playlist-reader.ts";
import { LiveViewer, type Tally } from "../viewers/viewer.ts";

/** What is taken of each run: CPU in cores, memory in MiB. */
export const FIGURES = {
  host_cores: "host, CPU cores",
  ffmpeg_cores: "FFmpeg, CPU cores",
  both_cores: "host and FFmpeg, CPU cores",
  host_memory: "host, MiB",
  ffmpeg_memory: "FFmpeg, MiB",
  both_memory: "host and FFmpeg, MiB",
  read_bitrate: "read by the viewer, Mbit/s",
  elsewhere: "everything else on the machine, CPU cores",
} as const;
/** The figures of one run. */
export type CompareSample = Record<keyof typeof FIGURES, number>;

/** What is attached to the stream. */
export const VARIANTS = {
  all: "an LL-HLS viewer, an RTMP destination and a recording",
  viewer: "an LL-HLS viewer alone",
} as const;
type Variant = keyof typeof VARIANTS;

/** One figure of both builds. */
export interface CompareRow {
  readonly figure: keyof typeof FIGURES;
  readonly old: Summary;
  readonly new: Summary;
  /** New divided by old, pair by pair. */
  readonly ratio: Summary;
}

/** The section's figures. */
export interface CompareResult {
  /** The folder of the other checkout. */
  readonly against: string;
  readonly variants: Record<Variant, CompareRow[]>;
}

const QUALITY = "high";
/** ms of stream before it is measured: encoders settle, queues and the rewind window begin to fill. */
const SETTLE = 15_000;
const QUICK_SETTLE = 5_000;
/** ms between two looks at the memory. */
const LOOK_EVERY = 5_000;
const REQUEST_TIMEOUT = 15_000;
const THIS = resolve(import.meta.dirname, "../..");

/** Medians of both sides, and of the ratios of the pairs. A pair is an old and a new run, one right after the other. */
export function compareRows(pairs: readonly { old: CompareSample; new: CompareSample }[]): CompareRow[] {
  return (Object.keys(FIGURES) as (keyof typeof FIGURES)[]).map((figure) => ({
    figure,
    old: summarize(pairs.map((pair) => pair.old[figure])),
    new: summarize(pairs.map((pair) => pair.new[figure])),
    ratio: summarize(pairs.map((pair) => pair.new[figure] / pair.old[figure])),
  }));
}

/** A viewer by low-latency HLS, as hls.js reads: blocking reloads, each part as it comes. */
async function openViewer(hlsUrl: string) {
  const text = await (await fetch(hlsUrl, { signal: AbortSignal.timeout(REQUEST_TIMEOUT) })).text();
  const { video, audio } = parseMultivariant(text, hlsUrl);
  const tally: Tally = { requests: 0, errors: 0, error: null };
  const [playlists, ledger] = [new PlaylistReader(), new Ledger()];
  const connections = (audio ? [video, audio] : [video]).map((url) => {
    const connection = new Connection(new URL(url), REQUEST_TIMEOUT);
    // Its delays aren't counted: the section "viewers" measures those.
    void new LiveViewer(url, connection, playlists, ledger, tally).run(Infinity, Infinity);
    return connection;
  });
  return {
    tally,
    received: () => connections.reduce((sum, { received }) => sum + received, 0),
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

async function measure(chain: Chain, seconds: number, settle: number): Promise<CompareSample> {
  const viewer = await openViewer(chain.result.hls_url);
  try {
    await sleep(settle);
    const [before, read] = [await takeSnapshot([chain.pid]), viewer.received()];
    const end = performance.now() + seconds * 1000;
    const [host, ffmpeg, both] = [[] as number[], [] as number[], [] as number[]];
    while (performance.now() < end) {
      await sleep(Math.min(LOOK_EVERY, end - performance.now()));
      const memory = await memoryByRole(await takeSnapshot([chain.pid]));
      host.push(memory.host);
      ffmpeg.push(memory.ffmpeg);
      both.push(memory.host + memory.ffmpeg);
    }
    const after = await takeSnapshot([chain.pid]);
    if (viewer.tally.error !== null) throw new Error(`the viewer failed: ${viewer.tally.error}`);
    const cores = coresBetween(before, after);
    return {
      host_cores: cores.host,
      ffmpeg_cores: cores.ffmpeg,
      both_cores: cores.host + cores.ffmpeg,
      host_memory: percentile(host, 0.5),
      ffmpeg_memory: percentile(ffmpeg, 0.5),
      both_memory: percentile(both, 0.5),
      read_bitrate: ((viewer.received() - read) * 8) / 1e6 / ((after.at - before.at) / 1000),
      elsewhere: coresElsewhere(before, after),
    };
  } finally {
    viewer.close();
  }
}

/** Measures the pairs of every variant. @throws Error when a side doesn't start, or its viewer loses the stream. */
export async function runCompare(context: BenchContext): Promise<CompareResult> {
  const { against, folder, progress, quick, seconds } = context;
  if (against === null) throw new Error("`--against` names the checkout to compare with");
  const page = context.pattern.url({ fps: 30, sound: true });
  const cleanup = new Cleanup();
  const recording = join(folder, "compare.mp4");
  const run = async (root: string, variant: Variant, rtmpPort: number) => {
    const rtmp = ["--protocol", "rtmp", "--rtmp-url", `rtmp://127.0.0.1:${rtmpPort}/open/compare`];
    const more = variant === "all" ? [...rtmp, "--record", recording] : [];
    const chain = await startChain(page, QUALITY, { root, more });
    try {
      const sample = await measure(chain, seconds, quick ? QUICK_SETTLE : SETTLE);
      return { sample, encoder: chain.result.encoder };
    } finally {
      await chain.stop();
      await rm(recording, { force: true });
    }
  };
  const measureVariant = async (variant: Variant, rtmpPort: number) => {
    const pairs: { old: CompareSample; new: CompareSample }[] = [];
    const sides = [
      ["old", against],
      ["new", THIS],
    ] as const;
    for (let pair = 0; pair < (quick ? 1 : context.pairs); pair++) {
      const samples: Partial<Record<"old" | "new", CompareSample>> = {};
      const encoders = new Set<string>();
      for (const [side, root] of pair % 2 === 0 ? sides : sides.toReversed()) {
        progress(`compare: ${VARIANTS[variant]}, pair ${pair + 1}, ${side}`);
        const { sample, encoder } = await run(root, variant, rtmpPort);
        samples[side] = sample;
        encoders.add(encoder);
      }
      if (encoders.size > 1) throw new Error(`the sides did different work: ${[...encoders].join(" and ")}`);
      if (samples.old && samples.new) pairs.push({ old: samples.old, new: samples.new });
    }
    return compareRows(pairs);
  };
  try {
    const { port } = await startRtmpServer(cleanup, "compare");
    return {
      against,
      variants: { all: await measureVariant("all", port), viewer: await measureVariant("viewer", port) },
    };
  } finally {
    await cleanup.run();
  }
}
