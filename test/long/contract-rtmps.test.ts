// RTMPS from a real tab to a real server that goes away and comes back. The host's part of it: test/host/rtmp.test.ts.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { descendants, profilesOf } from "../e2e/harness/leftovers.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type RtmpServer, startRtmpServer, startTls } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";
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
