// The extension's whole process dies: service worker, offscreen document, and with them the host. Chrome starts nothing of it again, so
// the program is told, and a browser that the SDK has started gets the extension anew.
import puppeteer from "puppeteer-core";
import { expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { descendants } from "../e2e/harness/leftovers.ts";
import { servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";

function killExtension(browser: number | undefined): void {
  const own = descendants(browser ?? 0).filter(({ command }) => command.includes("--extension-process"));
  expect(own).not.toEqual([]);
  for (const { pid } of own) process.kill(pid, "SIGKILL");
}

/** What the status throws from now on, and after how many ms: the host lives on for a moment. */
async function failure(browser: Pick<FlyBrowser, "getStreamStatus">) {
  const began = performance.now();
  const error = await until("an error", () =>
    browser.getStreamStatus().then(
      () => null,
      (thrown: unknown) => thrown,
    ),
  );
  return { error, after: performance.now() - began };
}

test("a launched browser: an error within 3 s, viewers are told, and the next stream starts", async () => {
  const pages = await servePages();
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    const { player_url } = await browser.startStream({ quality: "medium" });
    const viewer = await openViewer(player_url);
    try {
      await untilPlays(viewer);
      killExtension(browser.page.browser().process()?.pid);
      const { error, after } = await failure(browser);
      expect(error).toMatchObject({ code: "extension_lost", message: expect.stringContaining("it runs again") });
      expect(after).toBeLessThan(5_000); // 3 s where the machine has time
      await until("the viewer is told", async () => (await viewer.word()) !== "Live");
      expect(await browser.getStreamStatus()).toMatchObject({ active: false, error: "No active stream" });
      await untilPlays(await again());
    } finally {
      await viewer.close();
    }
    async function again() {
      const next = await browser.startStream({ quality: "medium" });
      await viewer.page.goto(next.player_url);
      await viewer.page.waitForSelector("video");
      return { ...viewer, frames: () => viewer.page.$eval("video", ({ currentTime }) => Math.floor(currentTime * 30)) };
    }
  } finally {
    await browser.close();
    await pages.close();
  }
});

test("an attached page: an error within 3 s that says what to do", async () => {
  const pages = await servePages();
  const { puppeteer: options } = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const driven = await puppeteer.launch(options);
  try {
    const page = (await driven.pages())[0] ?? (await driven.newPage());
    await page.goto(pages.url("pattern.html"));
    const browser = await FlyBrowser.attach(page);
    await browser.startStream({ quality: "medium" });
    killExtension(driven.process()?.pid);
    const { error, after } = await failure(browser);
    expect(error).toMatchObject({ code: "extension_lost", message: expect.stringContaining("reload it on chrome://") });
    expect(after).toBeLessThan(5_000);
  } finally {
    await driven.close();
    await pages.close();
  }
});
