import puppeteer, { type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(async () => {
  await pages.close();
});

/** All that a page, or a selector, can find out about itself. */
const look = (page: Page) =>
  page.evaluate(() => ({
    html: document.documentElement.outerHTML,
    nodes: document.querySelectorAll("*").length,
    text: document.body.innerText,
    root: document.body.shadowRoot,
    places: [...document.body.children].map((child) => JSON.stringify(child.getBoundingClientRect())),
    under_pointer: document.elementFromPoint(300, 180)?.tagName,
    globals: Object.getOwnPropertyNames(window).length,
    seen: (window as unknown as { seen: string[] }).seen,
    scroll: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
  }));
const picture = async (page: Page) => Buffer.from(await page.screenshot()).toString("base64");

test("Puppeteer: drawn while the stream runs, across pages; the page sees nothing of it", async () => {
  const options = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const chrome = await puppeteer.launch(options.puppeteer);
  try {
    const page = (await chrome.pages())[0] ?? (await chrome.newPage());
    const browser = await FlyBrowser.attach(page, { show_actions: true });
    await browser.goto(pages.url("layout.html"));
    const [before, plain] = [await look(page), await picture(page)];
    expect(before.under_pointer).toBe("BUTTON");

    await browser.startStream({ quality: "low_bandwidth" });
    await page.mouse.move(300, 180);
    const pointed = await until("the pointer in the picture", async () => {
      const now = await picture(page);
      return now !== plain && now;
    });
    const task = browser.beginTask("Press the button");
    await until("the caption in the picture", async () => (await picture(page)) !== pointed);
    await page.mouse.click(300, 180);
    expect(await look(page)).toEqual(before);
    expect(await page.$$(">>> div")).toEqual([]);

    await browser.goto(pages.url("static.html"));
    // What is written into a document (document.open()) has none of its listeners.
    await page.setContent("<body style='margin:0;background:#234'>");
    await page.mouse.move(600, 340);
    const written = await picture(page);
    await page.mouse.move(20, 20);
    await until("the pointer after setContent", async () => (await picture(page)) !== written);
    await browser.goto(pages.url("layout.html"));
    await until("the caption on the next page", async () => (await picture(page)) !== plain);
    expect(await look(page)).toEqual(before);
    browser.endTask(task.task_id);
    await until("no caption after the task", async () => (await picture(page)) === plain);

    await page.mouse.move(320, 180);
    await until("the pointer again", async () => (await picture(page)) !== plain);
    await browser.stopStream();
    await until("nothing after the stream", async () => (await picture(page)) === plain);
    await page.mouse.move(310, 180);
    expect(await picture(page)).toBe(plain);
    await browser.startStream({ quality: "low_bandwidth" });
    await page.mouse.move(300, 180);
    await until("the pointer in the next stream", async () => (await picture(page)) !== plain);
    expect(await look(page)).toEqual(before);
  } finally {
    await chrome.close();
  }
});
