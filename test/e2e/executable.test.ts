// The single executable in the real chain, with no Node on its PATH: it starts Chromium, is the host that Chromium starts, and
// finishes the recording. The whole release is tried by test/long/release.test.ts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GUARD_ARGUMENT } from "../../native-host/sharing/tunnel-guard.ts";
import type { StartStreamResult, StopStreamResult } from "../../protocol/results.ts";
import { thisSystem } from "../../scripts/setup/node-binary.ts";
import { emptyMachine } from "./harness/empty-machine.ts";
import { probe } from "./harness/media.ts";
import { run } from "./harness/run.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flybrowser-executable-"));
let executable = "";

beforeAll(async () => {
  const args = [join(ROOT, "node_modules/tsx/dist/cli.mjs"), join(ROOT, "scripts/package.ts"), "--quick"];
  const system = thisSystem();
  if (system === null) throw new Error("there is no executable for this system");
  const out = join(folder, "release");
  // The first time, Node's binary is fetched.
  const built = await run(process.execPath, [...args, "--out", out, system], { timeout: 300_000 });
  expect([built.status, built.stderr]).toEqual([0, expect.stringContaining("flybrowser-")]);
  executable = join(out, readdirSync(out)[0] ?? "");
}, 310_000);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

test("it streams and records, with nothing but FFmpeg and Chromium on the machine", async () => {
  const machine = emptyMachine(folder);
  const file = join(folder, "tab.mp4");
  const args = ["stream", "--json", "--quality", "low_bandwidth", "--duration", "3", "--record", file];
  const { stdout, stderr, status } = await machine.run(executable, ...args);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("✗")]);
  const [started, , recorded, stopped] = stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line)) as [StartStreamResult, unknown, { file_path: string }, StopStreamResult];
  expect(started).toMatchObject({ status: "active" });
  expect(stopped).toMatchObject({ success: true });
  expect(recorded.file_path).toBe(file);
  expect((await probe(file)).map(({ codec_type }) => codec_type).sort()).toEqual(["audio", "video"]);
  // Its parts were unpacked once, and are the user's alone.
  expect(machine.parts()).toHaveLength(1);
});

test("it guards the tunnel programs that its host starts", async () => {
  const args = [GUARD_ARGUMENT, "/bin/sh", "-c", "echo guarded; exit 3"];
  const guard = spawn(executable, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const ended = once(guard, "exit");
  expect(await text(guard.stdout as NodeJS.ReadableStream)).toBe("guarded\n");
  expect((await ended)[0]).toBe(3);
});
