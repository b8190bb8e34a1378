// Shaka on the ladder, in Chromium, on a line that breaks down from 4 Mbit/s to 400 kbit/s (DevTools' network emulation). By HLS it goes on
// with a rung and comes back up; by DASH it stays with a rung, whatever the line (docs/decisions/ladder.md), and none of its segments is refused.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../bench/clients/site.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let site: Site;
let browser: FlyBrowser;
let started: StartStreamResult;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  pages = await servePages();
  site = await serveSite();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  // Noise uses up its cap of 1.5 Mbit/s: it doesn't fit into 400 kbit/s.
  await browser.goto(pages.url("noise.html"));
  started = await browser.startStream({ quality: "medium" });
}, 120_000);
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await pages?.close();
});

/** kbit/s */
const SLOW = 400;

const height = (viewer: Viewer) => viewer.page.$eval("video", (video) => (video as HTMLVideoElement).videoHeight);

/** Shaka as it comes, and what sets its line, in kbit/s. */
async function shaka(url: string) {
  const viewer = await openViewer(site.library("Shaka", url));
  closers.push(() => viewer.close());
  const refused: string[] = [];
  viewer.page.on("response", (response) => {
    if (response.status() >= 400 && response.url().endsWith(".m4s")) refused.push(response.url());
  });
  const devtools = await viewer.page.createCDPSession();
  await devtools.send("Network.enable");
  const line = (kbit: number) =>
    devtools.send("Network.emulateNetworkConditions", {
      ...{ offline: false, latency: 20, downloadThroughput: kbit * 125, uploadThroughput: kbit * 125 },
    });
  await line(4_000);
  await untilPlays(viewer, 60, 90_000);
  await viewer.page.evaluate("window.opened = true");
  return { viewer, line, refused };
}

test("Shaka at hls_url", { timeout: 300_000 }, async () => {
  const { viewer, line } = await shaka(started.hls_url ?? "");
  // It measures parts as they are made, and so is soon content with the rung below the source, of which there are 270 lines.
  const better = async () => (await height(viewer)) >= 270;
  await until("the source or the rung below it", better, 60_000);
  await line(SLOW);
  await until("the lowest rung", async () => (await height(viewer)) === 180, 60_000);
  await untilPlays(viewer, 150, 60_000);
  await line(4_000);
  await until("a better one", better, 60_000);
  await untilPlays(viewer, 60, 60_000);
  expect(await viewer.page.evaluate("window.opened")).toBe(true);
});

test("Shaka at dash_url", { timeout: 300_000 }, async () => {
  const { viewer, line, refused } = await shaka(started.dash_url ?? "");
  await line(SLOW);
  await until("a lower rendition than the source", async () => (await height(viewer)) < 360, 60_000);
  await untilPlays(viewer, 150, 60_000);
  expect(await viewer.page.evaluate("window.opened")).toBe(true);
  expect(refused).toEqual([]);
});
