// The program goes to another tab: with `follow: "active"` its stream goes along, by the same link, clock and recording; with "page"
// viewers are told. Judged by what was to be seen and heard.
import puppeteer, { type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { mediaPlaylist, untilMore } from "./harness/hls.ts";
import type { Site } from "./harness/site.ts";
import { heardBy, serveColours, shownBy, stateOf, untilSeen } from "./harness/tabs.ts";
import { until } from "./harness/until.ts";

/** s: what is promised is 0.5 and 0.7; a machine with two busy cores may take longer. */
const GAP = 1.5;
const OPTIONS = { viewport: { width: 640, height: 360 } };

let site: Site;

beforeAll(async () => {
  site = await serveColours();
});

afterAll(async () => {
  await site?.close();
});

// A page of Chrome's own: test/long/follow.test.ts.
test("Puppeteer: links, noopener, bringToFront, a tab that closes", async () => {
  const browser = await puppeteer.launch((await FlyBrowser.launchOptions(OPTIONS)).puppeteer);
  try {
    const [page] = (await browser.pages()) as [Page];
    const live = await FlyBrowser.attach(page);
    await page.goto(site.url("/red"));
    const started = await live.startStream({ quality: "medium", follow: "active", mask: ["#marker"] });
    const popup = async (click: () => Promise<unknown>): Promise<Page> => {
      const [opened] = await Promise.all([
        new Promise<Page | null>((resolve) => void page.once("popup", resolve)),
        click(),
      ]);
      if (!opened) throw new Error("no popup");
      return opened;
    };
    await untilMore(started.hls_url ?? "", 1);
    await popup(() => page.click("#link"));
    await untilSeen(started, "green");
    await page.bringToFront();
    await untilSeen(started, "red");
    const blue = await popup(() => page.click("#quiet"));
    await untilSeen(started, "blue");
    await page.close(); // the stream isn't there any more
    expect(await live.getStreamStatus()).toMatchObject({ active: true, stream_id: started.stream_id });
    await blue.evaluate(() => setTimeout(() => window.close(), 50));
    await untilSeen(started, "green"); // the one that had opened it is gone
    const hls = started.hls_url ?? "";
    const [{ text }, shown, heard] = await Promise.all([mediaPlaylist(hls), shownBy(hls), heardBy(hls)]);
    const { status: last } = await live.getStreamStatus();
    expect(last).toMatchObject({ state: "active", recovery_metrics: { ffmpeg_restarts: 0 } });
    expect(await live.stopStream()).toMatchObject({ success: true, stream_id: started.stream_id });

    const coloured = shown.filter(({ colour }) => colour !== null); // a page may be blank for a moment before it is painted
    const pages = coloured.filter(({ colour }, index) => colour !== coloured[index - 1]?.colour);
    expect(pages.map(({ colour }) => colour)).toEqual(["red", "green", "red", "blue", "green"]);
    expect(text.match(/^#EXT-X-DISCONTINUITY$/gm)?.length).toBeGreaterThanOrEqual(4);
    for (const [index, { from, longest_gap }] of shown.entries()) {
      expect(longest_gap).toBeLessThan(GAP);
      if (index > 0) expect(from - (shown[index - 1]?.to ?? 0)).toBeLessThan(GAP);
    }
    for (const name of ["green", "blue"] as const) {
      const seen = pages.find(({ colour }) => colour === name)?.from ?? 0;
      expect(Math.abs((heard.get(name)?.from ?? 0) - seen)).toBeLessThan(GAP);
    }
  } finally {
    await browser.close();
  }
});

test('`follow: "page"`: status and player are told that the program works in another tab', async () => {
  await using live = await FlyBrowser.launch(OPTIONS);
  await live.goto(site.url("/red"));
  const { player_url } = await live.startStream({ quality: "low_bandwidth" });
  expect(await stateOf(player_url)).toMatchObject({ place: "here" });
  const elsewhere = expect.stringContaining("works in another tab");
  const other = await live.page.browser().newPage();
  await until("it is told", async () => (await stateOf(player_url)).place === "another_tab");
  const { status } = await live.getStreamStatus();
  expect(status?.health_reasons).toContainEqual(elsewhere);
  await other.close();
  await until("it is as it was", async () => (await stateOf(player_url)).place === "here");
  expect((await live.getStreamStatus()).status?.health_reasons).not.toContainEqual(elsewhere);
});
