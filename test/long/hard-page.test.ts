// A page that is as hard to encode as a page can be, from its first frame on, in a browser whose host hasn't tried an encoder yet:
// the stream starts all the same.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { untilMore } from "../e2e/harness/hls.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 1280, height: 720 } });
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

test("fresh noise in 1280x720 at every frame", async () => {
  await browser.goto(pages.url("hard.html"));
  const { hls_url, status } = await browser.startStream({ quality: "medium" });
  expect(status).toBe("active");
  await untilMore(hls_url ?? "");
  await untilMore(hls_url ?? "");
  expect(await browser.getStreamStatus()).toMatchObject({ active: true, status: { encoder: "libx264" } });
});
