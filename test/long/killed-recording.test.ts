// A command that is killed with kill -9 while it records: the file is made by a process that ends by itself, and the next command
// removes the profile that is left.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { RecordingInfo, StartRecordingResult, StartStreamResult } from "../../protocol/results.ts";
import { descendants, isPortOpen, profilesOf, stillRunning } from "../e2e/harness/leftovers.ts";
import { watchPattern } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

const COMMAND = "dist/cli/flybrowser.js";

let pages: Pages;
let folder: string;

beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "recording-test-"));
  vi.stubEnv("FLYBROWSER_RECORDINGS_DIR", join(folder, "notes"));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

/** A command that streams and records into `path`, and what it has printed. */
async function record(path: string) {
  const args = [COMMAND, "stream", pages.url("pattern.html"), "--json", "--record", path];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  let stdout = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  await until("the recording", () => stdout.includes('"recording_id"'), 45_000);
  return { child, stdout };
}

test("what a killed command recorded is finished, nothing is left running, and its profile goes with the next start", async () => {
  const path = join(folder, "killed.mp4");
  const { child, stdout } = await record(path);
  await seconds(3);
  const below = descendants(child.pid ?? 0).map(({ pid }) => pid);
  child.kill("SIGKILL");
  const { recording_id } = JSON.parse(stdout.split("\n")[1] ?? "") as StartRecordingResult;
  const journal = join(folder, "notes", recording_id, "journal.json");
  const read = () => JSON.parse(readFileSync(journal, "utf8")) as RecordingInfo & { pid: number };
  await until("the file", () => read().status === "recovered", 30_000);
  await until("no process is left", () => stillRunning([...below, read().pid]).length === 0, 10_000);
  expect(read().duration_seconds).toBeGreaterThan(1.5);
  expect((await watchPattern(path, 20)).frames.length).toBeGreaterThan(30);
  expect(readdirSync(folder)).not.toContain(".killed.mp4.part");
  const { local_server_port } = JSON.parse(stdout.split("\n")[0] ?? "") as StartStreamResult;
  expect(await isPortOpen(local_server_port)).toBe(false);
  expect(profilesOf(child.pid ?? 0)).toHaveLength(1);
  const next = await record(join(folder, "next.mp4"));
  expect(profilesOf(child.pid ?? 0)).toEqual([]);
  const ended = once(next.child, "exit");
  next.child.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);
});
