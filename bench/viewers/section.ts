// The section "viewers": a rising number of simulated low-latency HLS viewers at our host, and the same number at nginx, which
// serves the same bytes as static files. All on the loopback interface.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { startChain } from "../chain.ts";
import type { BenchContext } from "../context.ts";
import { type ByRole, coresBetween, takeSnapshot } from "../processes.ts";
import { startNginx } from "./nginx.ts";
import type { StreamSnapshot } from "./snapshot.ts";
import type { SwarmJob, SwarmResult } from "./swarm.ts";

/** One number of viewers at one server. */
export interface ViewersRow extends Omit<SwarmResult, "snapshot"> {
  readonly server: "host" | "nginx";
  readonly viewers: number;
  /** CPU cores of the server (host with FFmpeg, or nginx). */
  readonly server_cores: number;
  /** CPU cores of the streamed browser meanwhile. */
  readonly browser_cores: number;
}

/** The section's figures. */
export interface ViewersResult {
  readonly rows: ViewersRow[];
  /** s */
  readonly part_target: number;
  /** Most viewers without a late part, going up from the least; 0: none. */
  readonly most_at_host: number;
  readonly most_at_nginx: number | null;
  /** Why there is no nginx beside it. */
  readonly nginx_failed: string | null;
}

const STEPS = [50, 100, 200, 300, 500, 700, 1000];
/** Above this share of late parts there is no point in more viewers. */
const HOPELESS = 0.2;
const SWARM_TIMEOUT = 60_000;

async function swarm(job: SwarmJob, roots: number[]): Promise<{ result: SwarmResult; cores: ByRole }> {
  const args = ["--import", "tsx", resolve(import.meta.dirname, "swarm.ts"), JSON.stringify(job)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: resolve(import.meta.dirname, "../.."),
    timeout: SWARM_TIMEOUT + job.seconds * 1000,
  });
  const exited = once(child, "exit");
  let before = await takeSnapshot(roots);
  let after = before;
  let result: SwarmResult | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { counting?: boolean } | SwarmResult;
    if ("counting" in said) before = await takeSnapshot(roots);
    else result = said as SwarmResult;
  }
  after = await takeSnapshot(roots);
  await exited;
  if (!result) throw new Error("the simulated viewers gave no result");
  return { result, cores: coresBetween(before, after) };
}

function row(
  server: "host" | "nginx",
  viewers: number,
  { result, cores }: Awaited<ReturnType<typeof swarm>>,
): ViewersRow {
  const { snapshot: _, ...figures } = result;
  const server_cores = server === "host" ? cores.host + cores.ffmpeg : cores.driver;
  return { server, viewers, ...figures, server_cores, browser_cores: cores.browser };
}

/** Most viewers without a late part, of the rows in rising order up to the first with one. */
export function mostWithoutLate(rows: readonly Pick<ViewersRow, "viewers" | "late" | "errors">[]): number {
  const first = rows.findIndex(({ late, errors }) => late > 0 || errors > 0);
  return rows[first < 0 ? rows.length - 1 : first - 1]?.viewers ?? 0;
}

async function ramp(
  steps: readonly number[],
  measure: (viewers: number) => Promise<ViewersRow>,
): Promise<ViewersRow[]> {
  const rows: ViewersRow[] = [];
  for (const viewers of steps) {
    const measured = await measure(viewers);
    rows.push(measured);
    if (measured.errors > 0 || measured.late / Math.max(1, measured.parts) > HOPELESS) break;
  }
  return rows;
}

/** Measures host, then nginx. @throws Error when the chain doesn't start. */
export async function runViewers(context: BenchContext): Promise<ViewersResult> {
  const seconds = context.quick ? Math.min(5, context.seconds) : Math.max(10, context.seconds / 2);
  const steps = context.quick ? [10, 50] : STEPS;
  const folder = join(context.folder, "static");
  await mkdir(folder, { recursive: true });
  const chain = await startChain(context.pattern.url({ fps: 30, sound: true }), "medium");
  const job = { url: chain.result.hls_url, snapshot: null, seconds, keep_in: null };
  let rows: ViewersRow[];
  let snapshot: StreamSnapshot | null;
  try {
    context.progress("viewers: keeping a stretch of the stream for nginx");
    snapshot = (await swarm({ ...job, viewers: 1, keep_in: folder }, [chain.pid])).result.snapshot;
    rows = await ramp(steps, async (viewers) => {
      context.progress(`viewers: ${viewers} at the host`);
      return row("host", viewers, await swarm({ ...job, viewers }, [chain.pid]));
    });
  } finally {
    await chain.stop();
  }
  const part_target = snapshot?.part_target ?? Number.NaN;
  const most_at_host = mostWithoutLate(rows);
  try {
    if (!snapshot) throw new Error("no stretch of the stream was kept");
    const beside = await runNginx(context, folder, snapshot, steps, seconds);
    return {
      rows: [...rows, ...beside],
      part_target,
      most_at_host,
      most_at_nginx: mostWithoutLate(beside),
      nginx_failed: null,
    };
  } catch (error) {
    const nginx_failed = error instanceof Error ? error.message : String(error);
    return { rows, part_target, most_at_host, most_at_nginx: null, nginx_failed };
  }
}

async function runNginx(
  context: BenchContext,
  folder: string,
  snapshot: StreamSnapshot,
  steps: readonly number[],
  seconds: number,
) {
  const nginx = await startNginx(folder);
  try {
    return await ramp(steps, async (viewers) => {
      context.progress(`viewers: ${viewers} at nginx`);
      const job = { url: nginx.origin, snapshot, viewers, seconds, keep_in: null };
      return row("nginx", viewers, await swarm(job, [nginx.pid]));
    });
  } finally {
    await nginx.close();
  }
}
