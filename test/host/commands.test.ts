// `flybrowser status`, `stop`, `recordings`, `destinations` and `links` beside a real host, and where there is none.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDestination } from "../../protocol/options.ts";
import type { DestinationStatus, RecordingInfo, StreamInfo } from "../../protocol/results.ts";
import { type Outcome, run } from "../e2e/harness/run.ts";
import { paced } from "../fixtures/pace.ts";
import { startPutServer } from "../fixtures/put-server.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const ROOT = join(import.meta.dirname, "../..");
/** State of the host, its recordings, and a temporary folder in which no other browser's profile is. */
const folder = mkdtempSync(join(tmpdir(), "flybrowser-commands-"));
const env = { FLYBROWSER_STATE_DIR: folder, FLYBROWSER_RECORDINGS_DIR: join(folder, "recordings"), TMPDIR: folder };
const cleanup = new Cleanup();
let host: HostProcess;
let publisher: Publisher | undefined;

beforeAll(async () => {
  host = new HostProcess({
    state_dir: folder,
    env,
    handlers: {
      stopStream: () => (publisher as Publisher).stop(),
      addDestination: ({ stream_id, destination }) =>
        host.peer.call("addDestination", { stream_id, destination: parseDestination(destination) }),
      removeDestination: (params) => host.peer.call("removeDestination", params),
    },
  });
  await host.hello();
});
afterAll(async () => {
  await publisher?.abandon();
  await cleanup.run();
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

/** `destinations`: a web server is added, listed, gets the stream with the key of the environment, and is removed. */
async function goesElsewhere(stream_id: string): Promise<void> {
  const [server, key] = [await startPutServer(cleanup), testKey()];
  const none = await flybrowser("destinations");
  expect([none.status, none.stderr]).toEqual([0, `${stream_id}: no destinations\n`]);
  const wrong = await flybrowser("destinations", "add", "gopher://127.0.0.1/", "--json");
  expect([wrong.status, json(wrong)]).toMatchObject([1, { success: false, code: "invalid_option" }]);
  expect(wrong.stderr).toMatch(/^✗ Option url: gopher:.* is not allowed\. Allowed: .*rtmp/);
  const url = `hls+http://127.0.0.1:${server.port}/live/`;
  const variables = { ...env, FLYBROWSER_KEY_MY_SHOP: key };
  const added = await run(process.execPath, [...command, "destinations", "add", `my-shop=${url}`, "--json"], {
    cwd: ROOT,
    env: variables,
  });
  const { destination_id } = json(added) as DestinationStatus;
  expect([added.status, json(added)]).toMatchObject([0, { name: "my-shop", url, state: "connecting", error: null }]);
  const list = async () =>
    (json(await flybrowser("destinations", "list", "--stream", stream_id, "--json")) as { streams: StreamInfo[] })
      .streams[0]?.destinations[0];
  await until("it is live", async () => (await list())?.state === "live", 30_000);
  expect([...server.files.values()][0]?.headers.authorization).toBe(`Bearer ${key}`);
  const told = await flybrowser("destinations");
  expect(told.stderr).toContain(`${stream_id}\n  ${destination_id}  my-shop  ${url}  live  ·  `);
  expect(added.stdout.toString() + added.stderr + told.stderr).not.toContain(key);
  expect((await flybrowser("destinations", "remove", destination_id)).status).toBe(0);
  expect((await flybrowser("destinations", "remove", "nobody")).stderr).toMatch(/^✗ .*nobody/);
  expect((await flybrowser("destinations", "list", "--stream", "nobody", "--json")).stdout.toString()).toBe(
    '{"streams":[]}\n',
  );
}

/** `links`: one is made, opens the stream, is listed, and is revoked. */
async function hasLinks(stream_id: string): Promise<void> {
  const made = json(await flybrowser("links", "create", "--name", "Ada", "--expires-in", "600", "--json")) as {
    link_id: string;
    player_url: string;
  };
  expect((await fetch(made.player_url)).status).toBe(200);
  const shown = await flybrowser("links");
  expect(shown.stderr).toMatch(new RegExp(`^${stream_id}: 2 links, shared with this-computer\n`));
  expect(shown.stderr).toMatch(new RegExp(`${made.link_id} {2}Ada {2}· {2}0 viewers {2}· {2}view {2}· {2}until 20`));
  expect((await flybrowser("links", "revoke", made.link_id)).status).toBe(0);
  expect((await fetch(made.player_url)).status).toBe(404);
}

test("with a host: what runs, what is recorded, and an end to it", { timeout: paced(120_000) }, async () => {
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

  await goesElsewhere(stream_id);
  await hasLinks(stream_id);

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
  timeout: paced(120_000),
}, async () => {
  host.hangUp();
  await host.ended();
  const none = await flybrowser("status", "--json");
  expect([none.status, none.stdout.toString()]).toEqual([0, '{"hosts":[]}\n']);
  expect((await flybrowser("status")).stderr).toBe("Nothing is being streamed: no host runs.\n");
  for (const list of ["links", "destinations"]) {
    expect((await flybrowser(list)).stderr).toBe("Nothing is being streamed.\n");
  }
  const stop = await flybrowser("stop");
  expect([stop.status, stop.stdout.toString()]).toEqual([1, ""]);
  expect(stop.stderr).toMatch(/^✗ No FlyBrowser Stream host is running\.\n {2}Open a browser .*\n$/);
  const noted = await flybrowser("recordings", "--json");
  expect([noted.status, noted.stderr]).toEqual([0, expect.stringContaining("No FlyBrowser Stream host is running")]);
  expect(json(noted)).toMatchObject({ recordings: [{ status: "finished" }] });
  rmSync(join(folder, "it.mp4"));
  expect(json(await flybrowser("recordings", "--json"))).toMatchObject({ recordings: [{ file_gone: true }] });
  expect((await flybrowser("recordings")).stderr).toMatch(/ {2}finished {2}file is gone\n.*it\.mp4\n.*remove --gone/s);
  expect((await flybrowser("recordings", "play")).stderr).toMatch(/^✗ The file of the recording \S+ is gone: /);
  expect((await flybrowser("recordings", "remove", "--gone")).stderr).toMatch(/^Removed 1 recording /);
  const nothing = await flybrowser("recordings", "list", "--json");
  expect([nothing.status, nothing.stdout.toString()]).toEqual([0, '{"recordings":[]}\n']);
  expect((await flybrowser("recordings")).stderr).toBe("No recordings yet.\n");
});
