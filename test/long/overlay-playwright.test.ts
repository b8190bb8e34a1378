// The overlay by Playwright; by Puppeteer: test/e2e/overlay.test.ts.
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(async () => {
  await pages.close();
});

test("Playwright: the same; left out, nothing is drawn", async () => {
  const options = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const context = await chromium.launchPersistentContext(options.user_data_dir, options.playwright);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(pages.url("layout.html"));
    const shot = async () => (await page.screenshot()).toString("base64");
    const plain = await shot();
    const quiet = await FlyBrowser.attach(page);
    await quiet.startStream({ quality: "low_bandwidth" });
    await quiet.task("unseen", () => page.mouse.move(300, 180));
    expect(await shot()).toBe(plain);
    await quiet.stopStream();

    const browser = await FlyBrowser.attach(page, { show_actions: true });
    await browser.startStream({ quality: "low_bandwidth" });
    await page.mouse.move(320, 180);
    await until("the pointer in the picture", async () => (await shot()) !== plain);
    expect(await page.locator("div").count()).toBe(0);
    await browser.close();
    await until("nothing after the stream", async () => (await shot()) === plain);
  } finally {
    await context.close();
  }
});
