// Whether a process has been stopped (SIGSTOP, a debugger): it lives, and does nothing until somebody lets it go on.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** ms that `ps` may take. */
const ASK_WITHIN = 1_000;

/**
 * Whether it is stopped. One that only waits for a core isn't, so that a busy machine raises no false alarm; `false` too where
 * that can't be known (Windows).
 */
export async function isFrozen(pid: number): Promise<boolean> {
  return /^[Tt]/.test((await stateOf(pid).catch(() => "")).trim());
}

/** The state as `ps` abbreviates it (proc_pid_stat(5) on Linux). */
async function stateOf(pid: number): Promise<string> {
  if (process.platform === "win32") return "";
  // The name in brackets may hold anything.
  if (process.platform === "linux") return (await readFile(`/proc/${pid}/stat`, "latin1")).replace(/^.*\)/s, "");
  return (await promisify(execFile)("ps", ["-o", "state=", "-p", String(pid)], { timeout: ASK_WITHIN })).stdout;
}
