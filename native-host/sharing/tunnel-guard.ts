// Runs a tunnel program for the host and ends it when the host is gone, however that died: a tunnel must not outlive its streams.
// A process of its own, since no program of others watches its parent.
import { type ChildProcess, spawn } from "node:child_process";
import { isExecutable } from "../../protocol/node/executable.ts";

/** The argument that makes the host's program do this; the program to run and its arguments follow. */
export const GUARD_ARGUMENT = "--guard-tunnel";

/** ms between SIGTERM and SIGKILL. */
export const TERM_GRACE = 1_000;

/** Starts a program under guard. Its output is the guard's; the guard sends its process id as `{ pid }`. */
export function spawnGuarded(path: string, args: readonly string[]): ChildProcess {
  const program = isExecutable() || process.argv[1] === undefined ? [] : [process.argv[1]];
  return spawn(process.execPath, [...process.execArgv, ...program, GUARD_ARGUMENT, path, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    windowsHide: true,
  });
}

/** Is the guard; ends the process with the program's own exit status. */
export function guardAndExit(argv: readonly string[] = process.argv): Promise<never> {
  const [path = "", ...args] = argv.slice(argv.indexOf(GUARD_ARGUMENT) + 1);
  const child = spawn(path, args, { stdio: ["ignore", "inherit", "inherit"], windowsHide: true });
  const end = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), TERM_GRACE);
  };
  process.on("disconnect", end);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  child.once("spawn", () => process.send?.({ pid: child.pid }));
  if (!process.connected) end();
  return new Promise(() => {
    child.once("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    });
    child.once("exit", (code) => process.exit(code ?? 1));
  });
}
