// CPU time and memory of a process by its id, from /proc; only Linux has it.
import { readFile } from "node:fs/promises";

/** Clock ticks a second in /proc/<pid>/stat: the same on every Linux that Node runs on (USER_HZ). */
const TICKS = 100;

/** What a process has used. */
export interface ProcessUsage {
  /** s of CPU time since its start, user and system. */
  readonly cpu_seconds: number;
  readonly resident_bytes: number;
}

/** The usage of a process; `null`: it is gone, or this system has no /proc. `root`: replaced in tests. */
export async function processUsage(pid: number, root = "/proc"): Promise<ProcessUsage | null> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`${root}/${pid}/stat`, "utf8"),
      readFile(`${root}/${pid}/status`, "utf8"),
    ]);
    // The name in parentheses may hold anything; the fields after it are counted from the state, the third (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]); // NaN: a process that has ended has none
    if (!Number.isFinite(ticks) || !Number.isFinite(resident)) return null;
    return { cpu_seconds: ticks / TICKS, resident_bytes: resident * 1024 };
  } catch {
    return null;
  }
}
