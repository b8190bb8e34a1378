// `mask`: what the selectors match, and what is in a password field, is in no decoded picture, wherever it comes from. By Playwright: test/long/private.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { actMasked, expectMasked } from "./harness/masked.ts";
import { type Pages, servePages } from "./harness/pages.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages.close());

test("Puppeteer: nothing of it is in the picture, of frames of other processes neither", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 480 } });
  try {
    const { page } = browser;
    await page.goto(pages.url("mask.html"));
    for (const mask of [["..card"], ["a {} b"], [""], "card"]) {
      const start = browser.startStream({ mask: mask as string[] });
      await expect(start).rejects.toMatchObject({ code: "invalid_option", details: { option: "mask" } });
    }
    const { hls_url } = await browser.startStream({ quality: "medium", renditions: "source", mask: [".card"] });
    await actMasked(page, pages);
    await browser.stopStream();
    await expectMasked(hls_url);
    expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(0); // shown again
  } finally {
    await browser.close();
  }
});
