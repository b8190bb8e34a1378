// Looks at processes and waits for conditions, for the host tests. Ends only what it is given by id.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { paced } from "../../fixtures/pace.ts";

/** Waits until `check` gives something other than undefined, null or false. Throws with `what` after `within` ms, on a slow machine later. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  within = 10_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + paced(within);
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`waited ${paced(within)} ms for: ${what}`);
    await sleep(20);
  }
}

/** Whether a process runs; one that has ended and waits for its parent does not. */
export function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Ids of the processes that a process has started and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((candidate) => candidate > 0 && parentOf(candidate) === pid && runs(candidate));
}

/** Those of them that are FFmpeg. */
export function ffmpegsOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => nameOf(child) === "ffmpeg");
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null;
  }
}

/** CPU time that a process has used so far, in ms (its own threads; not its children). */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10; // 100 ticks a second on Linux
}

/** Memory that a process has in RAM, in bytes. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
