// A stream of a codec that the viewer's browser can't decode: it gets the tab's own track by WebRTC, or is told what is missing.
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser | null = null;
let viewer: Viewer | null = null;

beforeAll(async () => {
  pages = await servePages();
});
afterEach(async () => {
  await viewer?.close();
  await browser?.close();
  [viewer, browser] = [null, null];
});
afterAll(() => pages?.close());

/** Opens a stream in H.265; `null`: this Chromium can decode it. */
async function watch(webrtc_viewers: number): Promise<Viewer | null> {
  vi.stubEnv("FLYBROWSER_WEBRTC_VIEWERS", String(webrtc_viewers));
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  const { player_url } = await browser.startStream({ codec: "h265", quality: "medium" });
  viewer = await openViewer(player_url);
  const decodes = await viewer.page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.90"'));
  return decodes ? null : viewer;
}

test("H.265 without a decoder: the tab's own track by WebRTC", async (context) => {
  const opened = (await watch(2)) ?? context.skip();
  await untilPlays(opened);
  expect(await opened.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe("webrtc");
});

test("without WebRTC it says which decoder is missing", async (context) => {
  const opened = (await watch(0)) ?? context.skip();
  const title = () => opened.page.$eval(".notice-title", (element) => element.textContent).catch(() => null);
  await until("the notice", async () => (await title()) === "This browser has no decoder for H.265");
});
