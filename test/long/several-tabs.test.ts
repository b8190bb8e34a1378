// Four tabs at the same time.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
});

afterEach(async () => {
  await browser.stopStream(); // of a test that has failed
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

test("four tabs stream at the same time, each its own", async () => {
  const driver = browser.page.browser();
  const tabs = [browser];
  for (let tab = 1; tab < 4; tab++) tabs.push((await FlyBrowser.attach(await driver.newPage())) as FlyBrowser);
  try {
    for (const tab of tabs) await tab.goto(pages.url("pattern.html"));
    const started = await Promise.all(
      tabs.map((tab) => tab.startStream({ width: 640, height: 360, quality: "medium" })),
    );
    expect(new Set(started.map(({ stream_id }) => stream_id)).size).toBe(4);
    expect(new Set(started.map(({ player_url }) => player_url)).size).toBe(4);
    for (const tab of tabs) {
      await until(
        "its own picture",
        async () => {
          const status = await tab.getStreamStatus();
          return status.active && (status.status.metrics.frames_sent ?? 0) > 20;
        },
        30_000,
      );
    }
    for (const tab of tabs.slice(1)) expect(await tab.stopStream()).toMatchObject({ success: true });
    expect(await browser.getStreamStatus()).toMatchObject({ active: true }); // those of others have ended, not this one
    expect(await browser.stopStream()).toMatchObject({ success: true });
  } finally {
    for (const tab of tabs.slice(1)) await tab.page.close(); // its stream ends with it
  }
});
