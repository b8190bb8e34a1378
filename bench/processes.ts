// CPU time and memory of whole process trees, by role, from /proc (Linux only).
import { readdir, readFile } from "node:fs/promises";

/** What a process does in a streaming chain. `driver`: the script, command or SDK that started it all. */
export type Role = "browser" | "host" | "ffmpeg" | "driver";
/** All roles, in the order of the report. */
export const ROLES = ["browser", "host", "ffmpeg", "driver"] as const satisfies readonly Role[];

/** One figure per role. */
export type ByRole = Record<Role, number>;

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** CPU time so far, clock ticks. */
  readonly ticks: number;
  readonly role: Role;
}

/** The processes of a tree at one moment. */
export interface Snapshot {
  /** ms on the monotonic clock. */
  readonly at: number;
  /** CPU time of the whole machine so far, clock ticks. */
  readonly machine_ticks: number;
  readonly processes: ReadonlyMap<number, Process>;
}

/** Clock ticks a second: fixed to 100 in Linux's user-space interface. */
const TICKS_PER_SECOND = 100;

/** Gives the role of a process by its program and its parent's role (`null`: the root of the tree). */
export function roleOf(command: string, parent: Role | null): Role {
  // Chromium's children write their whole command line, with spaces, over the first argument.
  const path = command.split(" ")[0] ?? "";
  const program = path.slice(path.lastIndexOf("/") + 1);
  if (/^ffmpeg/.test(program)) return "ffmpeg";
  if (/^(chrom|headless_shell)/.test(program)) return "browser";
  // What a browser starts that is no browser is its native messaging host (or the shell in front of it).
  if (parent === "browser" || parent === "host") return "host";
  return "driver";
}

/** Takes parent and CPU time out of the text of /proc/<pid>/stat; the name in it may hold spaces and brackets. */
export function parseStat(stat: string): { parent: number; ticks: number } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

async function readProcess(pid: number): Promise<{ parent: number; ticks: number; command: string } | null> {
  try {
    const [stat, cmdline] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    return { ...parseStat(stat), command: cmdline.split("\0")[0] ?? "" };
  } catch {
    return null; // it ended meanwhile
  }
}

/** Takes the CPU time that was not idle out of the text of /proc/stat, clock ticks. */
export function parseMachineTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    stat.split("\n")[0]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
  return user + nice + system + irq + softirq;
}

/** Takes a snapshot of the trees below (and with) the processes `roots`. */
export async function takeSnapshot(roots: readonly number[]): Promise<Snapshot> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = await Promise.all(pids.map(async (pid) => ({ pid, process: await readProcess(pid) })));
  const children = new Map<number, number[]>();
  const known = new Map<number, { parent: number; ticks: number; command: string }>();
  for (const { pid, process } of read) {
    if (!process) continue;
    known.set(pid, process);
    children.set(process.parent, [...(children.get(process.parent) ?? []), pid]);
  }
  const processes = new Map<number, Process>();
  const visit = (pid: number, parentRole: Role | null) => {
    const process = known.get(pid);
    if (!process || processes.has(pid)) return;
    const role = roleOf(process.command, parentRole);
    processes.set(pid, { pid, parent: process.parent, ticks: process.ticks, role });
    for (const child of children.get(pid) ?? []) visit(child, role);
  };
  for (const root of roots) visit(root, null);
  const machine_ticks = parseMachineTicks(await readFile("/proc/stat", "utf8"));
  return { at: performance.now(), machine_ticks, processes };
}

const zero = (): ByRole => ({ browser: 0, host: 0, ffmpeg: 0, driver: 0 });

/** CPU cores used between two snapshots, by role. A process that began in between counts whole. */
export function coresBetween(before: Snapshot, after: Snapshot): ByRole {
  const cores = zero();
  const seconds = (after.at - before.at) / 1000;
  for (const [pid, { ticks, role }] of after.processes) {
    const earlier = before.processes.get(pid)?.ticks ?? 0;
    cores[role] += (ticks - earlier) / TICKS_PER_SECOND / seconds;
  }
  return cores;
}

/** CPU cores that everything outside the trees used meanwhile, the bench itself with it: noise, if it is much. */
export function coresElsewhere(before: Snapshot, after: Snapshot): number {
  const seconds = (after.at - before.at) / 1000;
  const all = (after.machine_ticks - before.machine_ticks) / TICKS_PER_SECOND / seconds;
  return Math.max(0, all - Object.values(coresBetween(before, after)).reduce((sum, cores) => sum + cores, 0));
}

async function memoryOf(pid: number): Promise<number> {
  const inKib = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN);
  try {
    const pss = inKib(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"), "Pss");
    if (pss > 0) return pss / 1024;
  } catch {
    // not readable for us: the resident size is next best
  }
  try {
    return (inKib(await readFile(`/proc/${pid}/status`, "utf8"), "VmRSS") || 0) / 1024;
  } catch {
    return 0;
  }
}

/** Memory in MiB by role: proportional set size, where it can't be read resident size. */
export async function memoryByRole(snapshot: Snapshot): Promise<ByRole> {
  const memory = zero();
  for (const { pid, role } of snapshot.processes.values()) memory[role] += await memoryOf(pid);
  return memory;
}
