// The command records a tab beside its stream, lists the recording and removes it.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordingInfo, StartRecordingResult, StopRecordingResult } from "../../protocol/results.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { run } from "../e2e/harness/run.ts";

const COMMAND = "dist/cli/flybrowser.js";

const folder = mkdtempSync(join(tmpdir(), "recording-test-"));
const env = { FLYBROWSER_RECORDINGS_DIR: join(folder, "notes") };
let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});
afterAll(async () => {
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the command records, lists and removes", async () => {
  const path = join(folder, "command.mp4");
  const args = ["stream", pages.url("pattern.html"), "--json", "--duration", "4", "--record", path];
  const { stdout, status, stderr } = await run(process.execPath, [COMMAND, ...args], { env });
  expect(status, stderr).toBe(0);
  const lines = stdout.toString().trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  const [, begun, ended] = lines.map((line) => JSON.parse(line) as unknown);
  expect(begun).toMatchObject({ status: "recording", file_path: path } satisfies Partial<StartRecordingResult>);
  expect(ended).toMatchObject({ status: "finished", file_path: path } satisfies Partial<StopRecordingResult>);
  expect(JSON.parse(lines[3] as string)).toMatchObject({ success: true });
  expect((ended as StopRecordingResult).duration_seconds).toBeGreaterThan(2.5);

  const listed = await run(process.execPath, [COMMAND, "recordings", "list", "--json"], { env });
  const { recordings } = JSON.parse(listed.stdout.toString()) as { recordings: RecordingInfo[] };
  const ours = recordings.find(({ file_path }) => file_path === path);
  expect(ours).toMatchObject({ status: "finished" });
  const id = ours?.recording_id ?? "";
  expect((await run(process.execPath, [COMMAND, "recordings", "remove", id], { env })).status).toBe(0);
  expect(existsSync(path)).toBe(false);
  expect((await run(process.execPath, [COMMAND, "recordings", "remove", id], { env })).stderr).toContain(
    "There is no recording",
  );
});
