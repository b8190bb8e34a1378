// Sees what is left of a stream: processes, open ports, profiles. Linux only, by /proc. Never ends anything.
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";

/** A process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in brackets and may hold anything; the state and the parent follow it.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parent: Number(parent), command };
  } catch {
    return null; // it has ended meanwhile
  }
}

/** All processes of the machine, without those that only wait to be counted by their parent. */
export function processes(): Process[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.map(readProcess).filter((process) => process !== null);
}

/** The processes below one, at any depth. */
export function descendants(pid: number): Process[] {
  const all = processes();
  const below = (parent: number): Process[] =>
    all.filter((process) => process.parent === parent).flatMap((process) => [process, ...below(process.pid)]);
  return below(pid);
}

/** Those of `pids` that still run. */
export function stillRunning(pids: readonly number[]): Process[] {
  return pids.map(readProcess).filter((process) => process !== null);
}

/** Whether somebody listens on a port of 127.0.0.1. */
export function isPortOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 });
    const done = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket
      .on("connect", () => done(true))
      .on("timeout", () => done(false))
      .on("error", () => done(false));
  });
}

/** Throw-away profiles of browsers that the process `pid` started. */
export function profilesOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`flybrowser-${pid}-`));
}
