// A script that streams and comes to a bad end: whatever that is, browser, host and FFmpeg end too.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import type { StartStreamResult } from "../../../protocol/results.ts";
import { descendants, isPortOpen, stillRunning } from "./leftovers.ts";
import { until } from "./until.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** Has a script stream `page` and ends it by `signal` (`null`: it throws); expects its exit status, and that nothing is left. */
export async function leavesNothing(page: string, signal: NodeJS.Signals | null, status: number | null): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), "flybrowser-end-"));
  const source = join(ROOT, "test/fixtures/scripts/streaming.ts");
  const args = ["--import", "tsx", source, page, signal === null ? "throw" : "wait"];
  const env = { ...process.env, TMPDIR: temporary };
  const script = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"], env });
  const seen = new Set<number>();
  const watch = setInterval(() => {
    for (const { pid } of descendants(script.pid ?? 0)) seen.add(pid);
  }, 100);
  const ended = once(script, "exit");
  try {
    const [line] = (await once(createInterface({ input: script.stdout }), "line")) as [string];
    const { local_server_port: port } = JSON.parse(line) as StartStreamResult;
    expect(seen.size).toBeGreaterThan(3);
    if (signal !== null) script.kill(signal);
    expect((await ended)[0]).toBe(status);
    await until("browser, host and FFmpeg to end", () => stillRunning([...seen]).length === 0, 15_000);
    expect(await isPortOpen(port)).toBe(false);
    // What a killed program leaves, the next one removes: test/long/killed-recording.test.ts.
    const left = readdirSync(temporary).filter((name) => /chrom|flybrowser/i.test(name));
    if (signal !== "SIGKILL") expect(left).toEqual([]);
  } finally {
    clearInterval(watch);
    script.kill("SIGKILL");
    rmSync(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
