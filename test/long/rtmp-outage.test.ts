// RTMP from a real tab through trouble: a server that is away for a minute, and a host that dies meanwhile.

import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FlyBrowser, type StartStreamResult } from "../../sdk/index.ts";
import { chainOf, hostOf } from "../e2e/harness/chain.ts";
import { videoPackets } from "../e2e/harness/packets.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type RtmpServer, startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";
import { examine, record } from "../fixtures/rtmp/pull.ts";

/** ms for which the server is away. */
const AWAY = 60_000;

const cleanup = new Cleanup();
const key = testKey();
let pages: Pages;
let server: RtmpServer;
let browser: FlyBrowser;
let viewer: Viewer | null = null;

beforeAll(async () => {
  server = await startRtmpServer(cleanup, key);
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
});

afterEach(async () => {
  await viewer?.close();
  viewer = null;
  await browser.stopStream();
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await cleanup.run();
});

async function live() {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status;
}

function start(): Promise<StartStreamResult> {
  const rtmp_url = `rtmp://127.0.0.1:${server.port}/keyed`;
  return browser.startStream({ protocol: "rtmp", rtmp_url, rtmp_key: key, quality: "medium" });
}

/** What a viewer of the server gets now. */
const pulled = async () => examine(await record(`rtmp://127.0.0.1:${server.port}/keyed/${key}`, server.folder, 4));

/** Takes connections on a port and drops them at once; gives when they came, ms. */
async function knocks(port: number) {
  const times: number[] = [];
  const gate = createServer((socket) => {
    times.push(performance.now());
    socket.on("error", () => {}).destroy();
  });
  await new Promise<void>((listening) => gate.listen(port, "127.0.0.1", listening));
  return { times, close: () => new Promise<void>((closed) => gate.close(() => closed())) };
}

test("a server that is away for a minute: tried again ever less often, told, and nothing of it at the local player", async () => {
  const started = await start();
  viewer = await openViewer(started.player_url);
  await untilPlays(viewer);
  await server.kill();
  const gate = await knocks(server.port);
  const stood: number[] = [];
  let frames = await viewer.frames();
  let grewAt = performance.now();
  try {
    for (const end = performance.now() + AWAY; performance.now() < end; await sleep(250)) {
      const now = await viewer.frames();
      if (now > frames) grewAt = performance.now();
      stood.push(performance.now() - grewAt);
      frames = now;
      if (end - performance.now() > AWAY - 4_000) continue;
      expect(await live()).toMatchObject({
        state: "active",
        health: "degraded",
        health_reasons: expect.arrayContaining([expect.stringMatching(/RTMP/)]),
      });
    }
  } finally {
    await gate.close();
    await server.start();
  }
  expect(Math.max(...stood)).toBeLessThan(3_000); // the viewer's own count, on a machine that may be busy
  expect(await viewer.word()).toBe("Live");
  const pauses = gate.times.slice(1).map((time, index) => time - (gate.times[index] ?? time));
  console.info(`tried again after ${pauses.map((pause) => (pause / 1000).toFixed(1)).join(", ")} s`);
  expect(pauses.length).toBeGreaterThan(2);
  expect(pauses.length).toBeLessThan(20);
  expect(pauses.at(-1)).toBeGreaterThan((pauses[0] ?? 0) * 2);

  const back = await until(
    "it to come back",
    async () => {
      const status = await live();
      return status.recovery_metrics.rtmp_reconnects > 0 && status.health === "healthy" && status;
    },
    40_000,
  );
  expect(back.recovery_metrics).toMatchObject({ rtmp_reconnects: 1, ffmpeg_restarts: 0, capture_restarts: 0 });
  expect(Date.parse(back.recovery_metrics.last_recovery_time ?? "")).toBeGreaterThan(Date.now() - 60_000);
  const seen = await pulled();
  expect(seen.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(seen.video.frames).toBeGreaterThan(30);
  expect(seen.complaints).toBe("");
  await browser.stopStream();
  const packets = await videoPackets(started.hls_url ?? "");
  const gaps = packets.slice(1).map(({ at }, index) => at - (packets[index]?.at ?? at));
  expect(Math.max(...gaps)).toBeLessThan(1);
  expect(Math.min(...gaps)).toBeGreaterThan(0);
});

test("the host dies: the next one takes the stream over and publishes it again, with the key that nobody sees", async () => {
  const started = await start();
  const pid = browser.page.browser().process()?.pid ?? 0;
  const { host } = chainOf(pid);
  expect((await pulled()).video.frames).toBeGreaterThan(30);
  process.kill(host, "SIGKILL");
  await until("another host", () => (hostOf(pid)?.pid ?? host) !== host, 30_000);
  const back = await until(
    "the stream to be well again",
    async () => {
      const status = await live();
      return status.state === "active" && status.health === "healthy" && status;
    },
    60_000,
  );
  expect(back).toMatchObject({ stream_id: started.stream_id, player_url: started.player_url, protocol: "rtmp" });
  expect(back.recovery_metrics).toMatchObject({ capture_restarts: 1, last_recovery_time: expect.any(String) });
  expect(JSON.stringify(back)).not.toContain(key);
  const seen = await pulled();
  expect(seen.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(seen.video.frames).toBeGreaterThan(30);
  expect(seen.complaints).toBe("");
  expect(await browser.stopStream()).toMatchObject({ success: true });
});
