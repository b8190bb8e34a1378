// The page of a streamed tab crashes, Chrome discards the tab, its owner takes a screenshot of the whole page: owner and viewer are
// told what has happened, and the stream goes on when the page is back, under the same link.
import type { Target } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { paced } from "../fixtures/pace.ts";
import { untilMore } from "./harness/hls.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;

/** Evaluates in the service worker. */
async function inWorker(script: string): Promise<unknown> {
  const isWorker = (target: Target) => target.type() === "service_worker";
  const worker = await (await browser.page.browser().waitForTarget(isWorker)).worker();
  return worker?.evaluate(script);
}

/** The status, whatever has become of the page object. */
async function info(): Promise<StreamInfo> {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status as StreamInfo;
}
const title = () => viewer.page.$eval(".notice", (notice) => notice.textContent ?? "").catch(() => "");

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = (await browser.startStream({ quality: "medium" })) as StartStreamResult;
  viewer = await openViewer(started.player_url);
  await untilPlays(viewer);
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("a screenshot of the whole page is no new size: viewers go on seeing the tab", async () => {
  const before = await info();
  await browser.page.evaluate(() => {
    const long = document.createElement("div");
    long.style.cssText = "position: absolute; top: 0; width: 1px; height: 4000px";
    for (const box of [document.documentElement, document.body]) box.style.cssText = "overflow: visible; height: auto";
    document.body.append(long);
    // Chrome takes the page's height for a screenshot from its last picture.
    return new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  });
  const png = Buffer.from(await browser.page.screenshot({ fullPage: true }));
  expect(png.readUInt32BE(20)).toBeGreaterThanOrEqual(4_000); // px: the height in a PNG's header
  await browser.page.evaluate("document.body.lastElementChild.remove()");
  await untilMore(started.hls_url ?? "");
  const after = await info();
  expect(after.recovery_metrics).toEqual(before.recovery_metrics);
  expect(after).toMatchObject({ width: before.width, height: before.height });
});

/** The same link is live again within `within` ms. */
async function goesOn(within: number): Promise<void> {
  const began = performance.now();
  await until("it is active", async () => (await info()).state === "active");
  expect(performance.now() - began).toBeLessThan(paced(within));
  await untilMore(started.hls_url ?? "");
  await untilPlays(viewer);
  expect(await info()).toMatchObject({ stream_id: started.stream_id, player_url: started.player_url });
}

test("a page that crashes is told of, and goes on when it is loaded again", async () => {
  const tab = "(await chrome.tabs.query({ url: 'http://127.0.0.1/*' }))[0].id";
  const session = await browser.page.createCDPSession();
  session.send("Page.crash").catch(() => {}); // nothing answers any more
  await until("it says so", async () => (await info()).state === "recovering", 3_000);
  expect(await info()).toMatchObject({
    health: "degraded",
    health_reasons: expect.arrayContaining(["recovering: its page has crashed, and must be loaded again"]),
  });
  await until("the viewer is told", async () => (await title()).includes("The page has crashed"), 10_000); // once what it has loaded is over
  await inWorker(`(async () => chrome.tabs.reload(${tab}))()`);
  await goesOn(3_000);
  expect(await title()).not.toContain("crashed");
});

test("a tab that is discarded is waited for, and goes on when it is back", async () => {
  await browser.page.browser().newPage();
  const tab = "(await chrome.tabs.query({ url: 'http://127.0.0.1/*' }))[0].id";
  await inWorker(`(async () => { await chrome.tabs.discard(${tab}); })()`);
  // DevTools, which drives this browser, may load a discarded tab at once.
  await until(
    "it is seen",
    async () => (await info()).recovery_metrics.capture_restarts > 0 || (await info()).state === "recovering",
  );
  await inWorker(`(async () => { await chrome.tabs.update(${tab}, { active: true }); })()`);
  await goesOn(4_000);
  expect((await info()).recovery_metrics.capture_restarts).toBe(1);
});
