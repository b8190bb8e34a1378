// The section "live": a rising number of viewers of the live engine's socket at our host, and what the host takes for them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { startChain } from "../chain.ts";
import type { BenchContext } from "../context.ts";
import { coresBetween, takeSnapshot } from "../processes.ts";
import type { CrowdJob, CrowdResult } from "./crowd.ts";

/** One number of viewers. */
export interface LiveRow extends CrowdResult {
  readonly viewers: number;
  /** CPU cores of the host, without FFmpeg. */
  readonly host_cores: number;
}

const STEPS = [1, 100, 300, 700];
const CROWD_TIMEOUT = 60_000;

async function crowd(job: CrowdJob, root: number): Promise<LiveRow> {
  const args = ["--import", "tsx", resolve(import.meta.dirname, "crowd.ts"), JSON.stringify(job)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: resolve(import.meta.dirname, "../.."),
    timeout: CROWD_TIMEOUT + job.seconds * 1000,
  });
  const exited = once(child, "exit");
  let before = await takeSnapshot([root]);
  let row: LiveRow | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { counting?: boolean } | CrowdResult;
    if ("counting" in said) before = await takeSnapshot([root]);
    else {
      const { host } = coresBetween(before, await takeSnapshot([root]));
      row = { ...(said as CrowdResult), viewers: job.viewers, host_cores: host };
    }
  }
  await exited;
  if (!row) throw new Error("the viewers gave no result");
  return row;
}

/** Measures the host. @throws Error when the chain doesn't start. */
export async function runLive(context: BenchContext): Promise<LiveRow[]> {
  const seconds = context.quick ? Math.min(5, context.seconds) : Math.max(10, context.seconds / 2);
  const chain = await startChain(context.pattern.url({ fps: 30, sound: true }), "ultra_low_latency");
  try {
    const rows: LiveRow[] = [];
    for (const viewers of context.quick ? [1, 50] : STEPS) {
      context.progress(`live: ${viewers} viewers`);
      rows.push(await crowd({ url: chain.result.live_url, viewers, seconds }, chain.pid));
    }
    return rows;
  } finally {
    await chain.stop();
  }
}
