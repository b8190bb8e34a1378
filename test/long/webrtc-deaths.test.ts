// Viewers by WebRTC through deaths: of the service worker, of a viewer's browser; and many who come and go.
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { descendants } from "../e2e/harness/leftovers.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until as untilWithin } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

const LIMIT = 2;
/** ms; a busy machine takes seconds for what a quiet one does at once. */
const PATIENCE = 30_000;
/** ms in which a viewer that vanished is noticed: twice 5 s of silence, and some patience. */
const NOTICED = 25_000;

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let client: WhepViewer;

const until: typeof untilWithin = (what, look, timeout = PATIENCE) => untilWithin(what, look, timeout);

const browserPid = (): number => browser.page.browser().process()?.pid ?? 0;

async function info(): Promise<StreamInfo> {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status;
}

const viewers = async (): Promise<number> => (await info()).viewer_count;
const untilViewers = (count: number, timeout?: number) =>
  until(`${count} viewers`, async () => (await viewers()) === count, timeout);

/** Connections of the capturing document that aren't closed, counted in its memory. */
async function openConnections(): Promise<number> {
  const target = browser.page
    .browser()
    .targets()
    .find((one) => one.url().endsWith("/offscreen/index.html"));
  if (!target) throw new Error("there is no capturing document");
  const page = await target.asPage();
  const prototype = await page.evaluateHandle(() => RTCPeerConnection.prototype);
  const all = await page.queryObjects(prototype);
  return all.evaluate((connections: RTCPeerConnection[]) => {
    return connections.filter((one) => one.signalingState !== "closed").length;
  });
}

const whepUrl = (): string => started.whep_url ?? "";

beforeAll(async () => {
  vi.stubEnv("FLYBROWSER_WEBRTC_VIEWERS", String(LIMIT));
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "ultra_low_latency" });
  client = await WhepViewer.open(pages.url("form.html"));
});

afterEach(() => untilViewers(0, NOTICED));

afterAll(async () => {
  await client?.close();
  await browser?.close();
  await pages?.close();
});

async function stopWorker(): Promise<void> {
  const session = await browser.page.createCDPSession();
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await session.detach();
}

test("the service worker dies: viewers see on, in the same host, and the next worker goes on with it", async () => {
  const { index, session } = await client.connect(whepUrl());
  const viewer = await openViewer(started.player_url);
  try {
    await untilPlays(viewer);
    const bridged = () => descendants(browserPid()).some(({ command }) => command.startsWith("flybrowser-bridge"));
    const before = (await client.stats(index)).frames;
    const host = hostOf(browserPid())?.pid;
    await stopWorker();
    await until("its connection is made anew", bridged);
    expect(hostOf(browserPid())?.pid).toBe(host);
    await until("pictures go on", async () => (await client.stats(index)).frames > before + 60);
    await untilPlays(viewer);
    await until("both are counted", async () => (await viewers()) === 2, NOTICED);
    expect(await viewer.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe("webrtc");
    expect(await client.leave(index, session ?? "")).toBe(200);
  } finally {
    await viewer.close();
  }
});

test("one whose browser is killed, and eight who come and go: nothing of them is left", async () => {
  const victim = await WhepViewer.open(pages.url("form.html"));
  const killed = await victim.connect(whepUrl());
  await until("pictures", async () => (await victim.stats(killed.index)).frames > 10);
  process.kill(victim.pid, "SIGKILL");
  for (let round = 0; round < 8; round++) {
    const { status, index, session } = await until("a place", async () => {
      const outcome = await client.connect(whepUrl());
      return outcome.status === 201 && outcome;
    });
    expect(status).toBe(201);
    await until("connected", async () => (await client.stats(index)).connection === "connected");
    // Every other one goes without a word, as a closed tab does.
    if (round % 2 === 0) await client.leave(index, session ?? "");
    else {
      await client.page.evaluate((at) => {
        (window as unknown as { clients: RTCPeerConnection[] }).clients[at]?.close();
      }, index);
    }
  }
  await until("all are gone", async () => (await openConnections()) === 0, NOTICED);
  await untilViewers(0);
});
