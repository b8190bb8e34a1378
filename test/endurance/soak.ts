// `npm run soak -- 60`: a stream that is watched, recorded and published by RTMP for so many minutes. Every half minute memory and open
// handles are read, every ten minutes how far sound and picture are apart; the slopes are printed at the end.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { chainOf } from "../e2e/harness/chain.ts";
import { descendants } from "../e2e/harness/leftovers.ts";
import { beepDelay } from "../e2e/harness/sync.ts";
import { untilPlays } from "../e2e/harness/viewer.ts";
import { openStage } from "./stage.ts";

/** ms between two readings. */
const EVERY = 30_000;
/** ms from the start that aren't counted, a quarter of a short run: caches fill, the rewind window too. */
const SETTLED = 15 * 60_000;
/** Readings between two measurements of sound against picture, and s that one takes. */
const SYNC_EVERY = 20;
const SYNC_SECONDS = 8;
const ROLES = ["host", "ffmpeg", "extension", "page"] as const;
type Role = (typeof ROLES)[number];

interface Reading {
  /** ms */
  readonly at: number;
  /** MiB */
  readonly memory: Partial<Record<Role, number>>;
  readonly handles: Partial<Record<Role, number>>;
}

/** Proportional set size, MiB. */
function memoryOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024;
}

function pidsOf(browser: number): Record<Role, number> {
  const { host, ffmpeg } = chainOf(browser);
  const renderers = descendants(browser).filter(({ command }) => command.includes("--type=renderer"));
  const isExtension = (command: string) => command.includes("--extension-process");
  const page = renderers.filter(({ command }) => !isExtension(command)).at(-1);
  return {
    host,
    ffmpeg,
    extension: renderers.find(({ command }) => isExtension(command))?.pid ?? 0,
    page: page?.pid ?? 0,
  };
}

function read(browser: number, at: number): Reading {
  const reading: Reading = { at, memory: {}, handles: {} };
  for (const [role, pid] of Object.entries(pidsOf(browser)) as [Role, number][]) {
    try {
      reading.memory[role] = memoryOf(pid);
      reading.handles[role] = readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // It was replaced just now: the next reading has its successor.
    }
  }
  return reading;
}

/** Slope of a straight line through the points, by least squares, a unit an hour. */
function slope(points: readonly (readonly [ms: number, value: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const over = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return (over / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)) * 3_600_000;
}

const minutes = Number(process.argv[2] ?? 60);
if (!(minutes >= 1)) throw new Error("npm run soak -- MINUTES: how many, 1 at least");
const say = (line: string) => void process.stdout.write(`${line}\n`);
const stage = await openStage();
const readings: Reading[] = [];
const delays: number[] = [];
const unwell = new Map<string, number>();
const sync = async () => {
  const delay = await beepDelay(stage.started.hls_url ?? "", SYNC_SECONDS, stage.folder).catch(() => Number.NaN);
  delays.push(delay * 1000);
  say(`sound after picture: ${(delay * 1000).toFixed(0)} ms`);
};
try {
  const began = performance.now();
  await sync();
  for (let count = 1; performance.now() - began < minutes * 60_000; count++) {
    await sleep(EVERY);
    const reading = read(stage.pid, performance.now() - began);
    readings.push(reading);
    const cells = ROLES.map(
      (role) => `${role} ${reading.memory[role]?.toFixed(1)} MiB ${reading.handles[role]} handles`,
    );
    say(`${(reading.at / 60_000).toFixed(1)} min: ${cells.join(", ")}`);
    const status = await stage.status();
    if (!status.active) throw new Error(status.error);
    for (const reason of status.status.health === "healthy" ? [] : status.status.health_reasons) {
      const words = String(reason).replace(/[\d.]+/g, "N");
      unwell.set(words, (unwell.get(words) ?? 0) + 1);
    }
    if (count % SYNC_EVERY === 0) await sync();
  }
  await sync();
  await untilPlays(stage.viewer);
  const { recovery_metrics, metrics } = (
    (await stage.status()) as { status: { recovery_metrics: object; metrics: object } }
  ).status;
  say(`\nrepaired: ${JSON.stringify(recovery_metrics)}`);
  say(`measured: ${JSON.stringify(metrics)}`);
  const settled = readings.filter(({ at }) => at >= Math.min(SETTLED, (minutes * 60_000) / 4));
  for (const role of ROLES) {
    const of = (kind: "memory" | "handles") =>
      settled.flatMap(({ at, ...reading }) =>
        reading[kind][role] === undefined ? [] : [[at, reading[kind][role]] as const],
      );
    const [first, last] = [of("memory")[0]?.[1], of("memory").at(-1)?.[1]];
    say(
      `${role}: ${slope(of("memory")).toFixed(2)} MiB an hour (${first?.toFixed(1)} to ${last?.toFixed(1)}), ${slope(of("handles")).toFixed(2)} handles an hour`,
    );
  }
  const spread = Math.max(...delays) - Math.min(...delays);
  say(`sound against picture: within ${spread.toFixed(0)} ms of each other, ${delays.length} measurements`);
  say(`readings that weren't healthy: ${JSON.stringify([...unwell])} of ${readings.length}`);
  const { duration_seconds, size_bytes } = await stage.browser.stopRecording();
  say(`recording: ${duration_seconds.toFixed(1)} s, ${size_bytes} bytes`);
} finally {
  await stage.close();
}
