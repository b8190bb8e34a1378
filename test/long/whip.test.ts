// WHIP over time, from a real tab: Janus with simulcast, a server that is away for a minute, a host that dies.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { Cleanup, freePort } from "../fixtures/rtmp/processes.ts";
import { startAiortc } from "../fixtures/whip/aiortc.ts";
import { startJanus } from "../fixtures/whip/janus.ts";

/** ms for which a server is away. */
const AWAY = 60_000;

const cleanup = new Cleanup();
const key = testKey();
let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 1280, height: 720 } });
  await browser.goto(pages.url("pattern.html"));
});
afterEach(async () => {
  await browser.stopStream();
  await cleanup.run();
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

async function destination() {
  const status = await browser.getStreamStatus().catch(() => null);
  return status?.active ? status.status.destinations[0] : undefined;
}
const isIn = (state: string, within = 20_000) =>
  until(state, async () => (await destination())?.state === state && destination(), within);

test("Janus takes it, with simulcast; a session that is ended there is begun anew; stop ends it", async () => {
  const janus = await startJanus(cleanup, key);
  const url = `whip+http://127.0.0.1:${janus.port}/whip`;
  await browser.startStream({ quality: "medium", destinations: [{ url, key }] });
  await isIn("live");
  const text = await until("media at Janus", async () => {
    const info = JSON.stringify(await janus.info());
    return /"simulcast":true/.test(info) && /"packets":[1-9]\d\d/.test(info) && info;
  });
  console.info(text.slice(0, 3_000));
  await janus.kill();
  await isIn("retrying");
  await janus.start();
  expect(await isIn("live", 40_000)).toMatchObject({ reconnects: 1, error: null });
  await browser.stopStream();
  await until("the session to be ended", () => janus.sessions === 0);
});

test("a server that is away for a minute: the viewers of the link don't notice; it comes back, also under another host", async () => {
  const port = await freePort();
  const first = await startAiortc(cleanup, port, key);
  const url = `whip+http://127.0.0.1:${port}/whip`;
  const started = await browser.startStream({ quality: "medium", destinations: [{ url, key }] });
  const viewer = await openViewer(started.player_url);
  cleanup.add(() => viewer.close());
  await untilPlays(viewer);
  await isIn("live");
  await first.kill();
  await isIn("retrying");
  let frames = await viewer.frames();
  for (const end = Date.now() + AWAY; Date.now() < end; ) {
    await sleep(5_000);
    const now = await viewer.frames();
    expect(now).toBeGreaterThan(frames);
    frames = now;
  }
  expect((await destination())?.state).toBe("retrying");
  const second = await startAiortc(cleanup, port, key);
  await isIn("live", 40_000);
  await until("frames", () => second.received.video > 30, 20_000);
  const id = (await destination())?.destination_id;

  process.kill(hostOf(process.pid)?.pid ?? 0, "SIGKILL");
  await until("a new session", () => second.received.offers === 2, 40_000);
  await isIn("live", 40_000);
  expect((await destination())?.destination_id).toBe(id);
});
