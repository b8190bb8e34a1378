// `flybrowser status`, `stop` and `recordings` beside a real host, and where there is none.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordingInfo, StreamInfo } from "../../protocol/results.ts";
import { type Outcome, run } from "../e2e/harness/run.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const ROOT = join(import.meta.dirname, "../..");
/** State of the host, its recordings, and a temporary folder in which no other browser's profile is. */
const folder = mkdtempSync(join(tmpdir(), "flybrowser-commands-"));
const env = { FLYBROWSER_STATE_DIR: folder, FLYBROWSER_RECORDINGS_DIR: join(folder, "recordings"), TMPDIR: folder };
let host: HostProcess;
let publisher: Publisher | undefined;

beforeAll(async () => {
  host = new HostProcess({ state_dir: folder, env, handlers: { stopStream: () => (publisher as Publisher).stop() } });
  await host.hello();
});
afterAll(async () => {
  await publisher?.abandon();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const BUILT = "dist/cli/flybrowser.js";
/** The built command where FLYBROWSER_TEST_BUILT says so, else the sources. */
const command =
  process.env.FLYBROWSER_TEST_BUILT && existsSync(join(ROOT, BUILT))
    ? [BUILT]
    : ["--import", "tsx", "cli/flybrowser.ts"];
const flybrowser = (...args: string[]): Promise<Outcome> =>
  run(process.execPath, [...command, ...args], { cwd: ROOT, env });
const json = ({ stdout }: Outcome): unknown => JSON.parse(stdout.toString());

test("with a host: what runs, what is recorded, and an end to it", { timeout: 120_000 }, async () => {
  const idle = await flybrowser("status");
  expect([idle.status, idle.stderr]).toEqual([0, expect.stringMatching(/^Host \d+ on port \d+: 0 streams\n$/)]);
  const nothing = await flybrowser("recordings");
  expect([nothing.status, nothing.stderr]).toEqual([0, "No recordings yet.\n"]);
  const noStream = await flybrowser("stop");
  expect([noStream.status, noStream.stderr]).toEqual([1, expect.stringMatching(/^✗ No active stream\n/)]);

  publisher = await Publisher.open(host, { options: { quality: "medium" } });
  const { stream_id } = await publisher.playable();
  const { hosts } = json(await flybrowser("status", "--json")) as { hosts: { pid: number; streams: StreamInfo[] }[] };
  expect(hosts).toMatchObject([{ pid: host.pid, streams: [{ stream_id, state: "active", quality: "medium" }] }]);

  const options = { path: join(folder, "it.mp4") };
  const { recording_id } = await host.peer.call("startRecording", { stream_id, options });
  const list = async () =>
    (json(await flybrowser("recordings", "list", "--json")) as { recordings: RecordingInfo[] }).recordings;
  // On disk there is the beginning only; the host knows how much it is by now.
  await until("the host tells of the recording", async () => ((await list())[0]?.duration_seconds ?? 0) > 0, 30_000);
  expect(await list()).toMatchObject([{ recording_id, stream_id, status: "recording" }]);

  const stopped = await flybrowser("stop", "--json");
  expect([stopped.status, json(stopped)]).toMatchObject([0, { stream_id, success: true }]);
  await until("the recording is finished", async () => (await list())[0]?.status === "finished", 30_000);
});

test("without a host lists are empty, as JSON too; recordings on disk are listed all the same", {
  timeout: 120_000,
}, async () => {
  host.hangUp();
  await host.ended();
  const none = await flybrowser("status", "--json");
  expect([none.status, none.stdout.toString()]).toEqual([0, '{"hosts":[]}\n']);
  expect((await flybrowser("status")).stderr).toBe("Nothing is being streamed: no host runs.\n");
  const stop = await flybrowser("stop");
  expect([stop.status, stop.stdout.toString()]).toEqual([1, ""]);
  expect(stop.stderr).toMatch(/^✗ No FlyBrowser Stream host is running\.\n {2}Open a browser .*\n$/);
  const noted = await flybrowser("recordings", "--json");
  expect([noted.status, noted.stderr]).toEqual([0, expect.stringContaining("No FlyBrowser Stream host is running")]);
  expect(json(noted)).toMatchObject({ recordings: [{ status: "finished" }] });
  rmSync(join(folder, "recordings"), { recursive: true });
  const nothing = await flybrowser("recordings", "list", "--json");
  expect([nothing.status, nothing.stdout.toString()]).toEqual([0, '{"recordings":[]}\n']);
  expect((await flybrowser("recordings")).stderr).toBe("No recordings yet.\n");
});
