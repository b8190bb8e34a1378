// A recording whose command is killed, with its browser and its host: the file is made by a process that ends by itself.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { RecordingInfo, StartRecordingResult } from "../../protocol/results.ts";
import { descendants, stillRunning } from "../e2e/harness/leftovers.ts";
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

test("what a killed command recorded is finished, and nothing is left running", async () => {
  const path = join(folder, "killed.mp4");
  const args = [COMMAND, "stream", pages.url("pattern.html"), "--json", "--record", path];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  let stdout = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  await until("the recording", () => stdout.includes('"recording_id"'), 45_000);
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
});
