// RTMP and RTMPS from a real tab: what is refused, a server that goes away and comes back, several destinations at once; the key is nowhere.
// The host's part of it: test/host/rtmp.test.ts.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { descendants, profilesOf } from "../e2e/harness/leftovers.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type RtmpServer, startRtmpServer, startTls } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, freePort } from "../fixtures/rtmp/processes.ts";
import { examine, record } from "../fixtures/rtmp/pull.ts";

const cleanup = new Cleanup();
const key = testKey();
let pages: Pages;
let server: RtmpServer;
let secure: { port: number; certificate: string };
let browser: FlyBrowser;

beforeAll(async () => {
  server = await startRtmpServer(cleanup, key);
  secure = await startTls(cleanup, server.port);
  process.env.FLYBROWSER_RTMP_CA = secure.certificate; // the host inherits it
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
});

afterAll(async () => {
  delete process.env.FLYBROWSER_RTMP_CA;
  await browser?.close();
  await pages?.close();
  await cleanup.run();
});

/** The status of the stream that runs. */
async function live() {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status;
}

/** Looks for the key where other users, logs and files could show it. */
function expectNoKey(...told: unknown[]): void {
  expect(JSON.stringify(told)).not.toContain(key);
  for (const { pid, command } of descendants(process.pid)) {
    expect(command).not.toContain(key);
    try {
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain(key);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error; // else it has ended meanwhile
    }
  }
  for (const profile of profilesOf(process.pid)) {
    const found = () => execFileSync("grep", ["-rlF", key, join(tmpdir(), profile)]).toString();
    expect(found).toThrow(/^Command failed/); // grep's way to say: in no file
  }
}

/** Connections to the server. */
function connections(): number {
  const port = server.port.toString(16).toUpperCase().padStart(4, "0");
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  return lines.filter((line) => new RegExp(`^ *\\d+: \\S+:${port} \\S+ 01 `).test(line)).length;
}

test("a wrong key, no server, no TLS: each is said within 10 s, and nothing is left of the start", async () => {
  const refused = async (options: { rtmp_url: string; rtmp_key: string }) => {
    const began = Date.now();
    const error = await browser.startStream({ protocol: "rtmp", ...options }).then(
      () => null,
      (thrown) => thrown,
    );
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await browser.getStreamStatus()).toMatchObject({ active: false });
    expectNoKey(error?.message, error?.stack);
    return error;
  };
  const wrong = `${key}-wrong`;
  const at = (port: number) => `rtmp://127.0.0.1:${port}/keyed`;
  expect(await refused({ rtmp_url: at(server.port), rtmp_key: wrong })).toMatchObject({ code: "rtmp_refused" });
  expect(await refused({ rtmp_url: at(await freePort()), rtmp_key: key })).toMatchObject({ code: "rtmp_unreachable" });
  const plain = { rtmp_url: `rtmps://127.0.0.1:${server.port}/keyed`, rtmp_key: key };
  expect(await refused(plain)).toMatchObject({ code: "rtmp_tls_failed" });
});

test("RTMPS: accepted, then what arrives is the tab; a server that goes away comes back; stop ends it", async () => {
  const url = `rtmps://localhost:${secure.port}/keyed/`;
  const started = await browser.startStream({ protocol: "rtmp", rtmp_url: url, rtmp_key: key, quality: "medium" });
  expect(started).toMatchObject({ protocol: "rtmp", status: "active", width: 640, height: 360 });
  expect(started.stream_url).toBe(started.rtmp_url);
  const seen = await examine(await record(`rtmp://127.0.0.1:${server.port}/keyed/${key}`, server.folder, 3));
  expect(seen.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(seen.video.frames).toBeGreaterThan(20);
  expect(seen.audio).toMatchObject({ codec: "aac", sampleRate: 48_000 });
  expect(Math.abs(seen.start.video - seen.start.audio)).toBeLessThan(0.5);
  expect(seen.complaints).toBe("");
  expectNoKey(started, await live());

  await server.kill();
  const away = await until("the loss to be told", async () => {
    const status = await live();
    return status.health === "degraded" && status;
  });
  expect(away.health_reasons.join()).toMatch(/RTMP server .* was lost/);
  expect(away.state).toBe("active"); // viewers of the local player notice nothing
  await server.start();
  const back = await until(
    "it to come back",
    async () => {
      const status = await live();
      return status.recovery_metrics.rtmp_reconnects === 1 && status.health === "healthy" && status;
    },
    20_000,
  );
  expect(back.recovery_metrics.ffmpeg_restarts).toBe(0);
  expect(back.recovery_metrics.last_recovery_time).not.toBeNull();
  expect(
    (await examine(await record(`rtmp://127.0.0.1:${server.port}/keyed/${key}`, server.folder, 2))).video.frames,
  ).toBeGreaterThan(10);
  const stopped = await browser.stopStream();
  expect(stopped).toMatchObject({ success: true });
  expectNoKey(stopped);
  await until("the server to be left", () => connections() === 0);
});

test("several destinations: the start waits for none, each has a state of its own, and none disturbs another", async () => {
  const at = (port: number, name: string) => ({ url: `rtmp://127.0.0.1:${port}/${name}` });
  const started = await browser.startStream({
    quality: "medium",
    destinations: [
      { ...at(server.port, "keyed"), key, name: "first" },
      { url: `rtmps://localhost:${secure.port}/open`, key: `${key}-second` },
      { ...at(server.port, "keyed"), key: `${key}-wrong`, name: "refused" },
      { ...at(await freePort(), "open"), key, name: "away" },
    ],
  });
  expect(started).toMatchObject({ protocol: "hls", status: "active", stream_url: started.hls_url });
  const states = async () => (await live()).destinations.map(({ state }) => state).join();
  await until("each to have its state", async () => (await states()) === "live,live,failed,retrying");
  const status = await live();
  expect(status.destinations).toMatchObject([
    { name: "first", url: `rtmp://127.0.0.1:${server.port}/keyed`, reconnects: 0, error: null },
    { name: `localhost:${secure.port}`, url: `rtmps://localhost:${secure.port}/open`, error: null },
    { name: "refused", bytes_sent: 0, error: expect.stringContaining("refused the stream") },
    { name: "away", bytes_sent: 0, error: expect.stringContaining("nothing is listening") },
  ]);
  expect(status).toMatchObject({ state: "active", health: "degraded", rtmp_url: status.destinations[0]?.url });
  for (const name of [`keyed/${key}`, `open/${key}-second`]) {
    const file = await record(`rtmp://127.0.0.1:${server.port}/${name}`, server.folder, 2);
    expect((await examine(file)).video.frames, name.split("/")[0]).toBeGreaterThan(10);
  }
  expectNoKey(started, await live());

  // One goes and one comes while it is live; the ids stay through a change of hosts.
  const [, second, refused] = status.destinations;
  const odd = `${key}?a=b&c=d/e`;
  const added = await browser.addDestination({ ...at(server.port, "open"), key: odd, name: "odd" });
  expect(added).toMatchObject({ name: "odd", url: `rtmp://127.0.0.1:${server.port}/open` });
  const removed = await browser.removeDestination(second?.destination_id ?? "");
  expect(removed).toMatchObject({ destination_id: second?.destination_id, state: "ended" });
  await expect(browser.removeDestination(refused?.name ?? "")).rejects.toMatchObject({ code: "destination_not_found" });
  await until("the added one to be live", async () => (await states()) === "live,failed,retrying,live");
  const arrived = await record(`rtmp://127.0.0.1:${server.port}/open/${key}`, server.folder, 2);
  expect((await examine(arrived)).video.frames).toBeGreaterThan(10);
  expect((await live()).destinations[0]?.bytes_sent).toBeGreaterThan(50_000);
  const ids = (await live()).destinations.map(({ destination_id }) => destination_id);
  process.kill(hostOf(process.pid)?.pid ?? 0, "SIGKILL");
  await until(
    "the next host to have them",
    async () => (await states().catch(() => "")) === "live,retrying,retrying,live",
    20_000,
  );
  expect((await live()).destinations.map(({ destination_id }) => destination_id)).toEqual(ids);
  expectNoKey(added, removed, await live());
  const stopped = await browser.stopStream();
  const ended = stopped.success ? stopped.info.destinations : [];
  expect(ended.map(({ state }) => state)).toEqual(["ended", "ended", "ended", "ended"]);
  expectNoKey(stopped);
  await until("the server to be left", () => connections() === 0);
});
