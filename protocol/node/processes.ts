// Who a process is, beyond its id, which comes again: after a restart, after many other processes, in another container.
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import * as v from "valibot";
import { isProcessAlive } from "./control-files.ts";

/** The variable by which a launcher that stays in front of the host tells it the browser's process. */
export const BROWSER_PID = "FLYBROWSER_BROWSER_PID";

/** Schema of who a process is. */
export const ProcessIdentitySchema = v.object({
  pid: v.number(),
  /** When it started, in the system's own words; `null`: this system doesn't say. */
  started: v.nullable(v.string()),
  /** The boot, the container and the machine in which the id means it; `null`: this system has only one. */
  space: v.nullable(v.string()),
});
/** Who a process is. */
export type ProcessIdentity = v.InferOutput<typeof ProcessIdentitySchema>;

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function startOf(pid: number): string | null {
  if (process.platform === "linux") {
    // Fields 3 and 22 of proc(5)'s stat; the name before them, in brackets, may hold anything.
    const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    return fields[0] === "Z" ? null : (fields[19] ?? null); // dead, and nobody has asked how it ended
  }
  if (process.platform !== "darwin") return null;
  const ps = () => execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", timeout: 2_000 });
  return attempt(ps)?.trim() || null;
}

function space(): string | null {
  if (process.platform !== "linux") return null;
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pids = attempt(() => readlinkSync("/proc/self/ns/pid"));
  return boot === null || pids === null ? null : [boot, pids, hostname()].join(" ");
}

/** The browser that has started this host, or a launcher in front of it; `null`: it is gone. */
export function browserPid(environment: NodeJS.ProcessEnv = process.env): number | null {
  const pid = Number(environment[BROWSER_PID]) || process.ppid;
  return pid > 1 ? pid : null;
}

/** Who the process of that id is now. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid), space: space() };
}

/** Whether it runs; `null`: that can't be known from here, since it is of another container or machine. */
export function isRunning(identity: ProcessIdentity): boolean | null {
  const [boot, pids, name] = space()?.split(" ") ?? [];
  const [theirBoot, theirPids, theirName] = identity.space?.split(" ") ?? [];
  if (boot !== theirBoot) return name === theirName ? false : null; // before a restart, or on another machine
  if (pids !== theirPids) return null;
  if (!isProcessAlive(identity.pid)) return false;
  return identity.started === null || startOf(identity.pid) === identity.started;
}
