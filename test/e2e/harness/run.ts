// Runs a program to its end and gives all that it printed. Never leaves it running.
import { spawn } from "node:child_process";
import { paced } from "../../fixtures/pace.ts";

/** What a program did. */
export interface Outcome {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
}

/** Runs a program; after `timeout` ms (longer on a slow machine) it is killed, and the promise rejects. */
export function run(
  command: string,
  args: readonly string[],
  { timeout = 60_000, env = {}, cwd }: { timeout?: number; env?: Record<string, string>; cwd?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const stdout: Buffer[] = [];
    let stderr = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, paced(timeout));
    child.stdout.on("data", (data: Buffer) => stdout.push(data));
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      const outcome = { stdout: Buffer.concat(stdout), stderr, status };
      if (late) reject(new Error(`${command} did not end within ${paced(timeout)} ms\n${stderr.slice(-2000)}`));
      else resolve(outcome);
    });
  });
}
