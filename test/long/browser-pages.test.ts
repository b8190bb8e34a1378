// A streamed tab that goes to one of the browser's own pages: nothing of that page is in any picture, the stream ends, owner and viewer are
// told. And a stream that begins in a tab behind another one: Chrome brings it to the front.
import type { Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { untilMore } from "../e2e/harness/hls.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { picturesOf, stretches } from "../e2e/harness/secret.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages?.close());
beforeEach(async () => {
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("secret.html"));
});
afterEach(() => browser?.close());

test.each(["chrome://version", "chrome://settings/passwords"])("%s is never shown", async (address) => {
  const { hls_url, player_url } = await browser.startStream({ quality: "medium", renditions: "source" });
  const viewer = await openViewer(player_url);
  try {
    await untilMore(hls_url ?? "");
    await (browser.page as Page).goto(address).catch(() => {});
    await until("the stream has ended", async () => (await browser.getStreamStatus()).active === false);
    const { status } = await browser.getStreamStatus();
    expect(status?.state).toMatch(/stopped|error/);
    await until("the viewer is told", async () => (await viewer.word()) === "Ended");
    const shown = stretches(
      await picturesOf(new URL("video.m3u8", hls_url ?? "").href, 60, ["-live_start_index", "0"]),
    );
    expect(shown.map((each) => each.shown)).toEqual(["plain"]);
  } finally {
    await viewer.close();
  }
});

test("a stream that begins in a tab behind another one brings it to the front: Chrome's capture does", async () => {
  const page = browser.page as Page;
  const front = await page.browser().newPage();
  await front.goto(pages.url("static.html"));
  await front.bringToFront();
  const worker = await (await page.browser().waitForTarget((each) => each.type() === "service_worker")).worker();
  const active = () =>
    worker?.evaluate(async () => (await chrome.tabs.query({ active: true, lastFocusedWindow: true }))[0]?.url);
  expect(await active()).toBe(pages.url("static.html"));
  await browser.startStream({ quality: "medium", renditions: "source" });
  expect(await active()).toBe(pages.url("secret.html"));
});
