// A rung that the host can no longer make, while somebody watches it: the player goes on with another rendition, whoever chose the rung.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { descendants } from "../e2e/harness/leftovers.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

/** s that the picture may stand; FLYBROWSER_STRICT judges by what is promised on a machine of its own. */
const STILL = process.env.FLYBROWSER_STRICT ? 3 : 10;

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "medium" });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

const height = (viewer: Viewer) => viewer.page.$eval("video", ({ videoHeight }) => videoHeight);

/** The FFmpegs that make rungs; each reads the source's fragments. */
function rungs() {
  const host = hostOf(browser.page.browser().process()?.pid ?? 0);
  return host ? descendants(host.pid).filter(({ command }) => command.includes("-force_key_frames source")) : [];
}

test.each(["ll-hls", "hls", "dash"])("%s", { timeout: 180_000 }, async (protocol) => {
  const viewer = await openViewer(`${started.player_url}?protocol=${protocol}`);
  try {
    await untilPlays(viewer, 60, 60_000);
    const values = () =>
      viewer.page.$$eval(".quality option", (all) => all.map((option) => (option as HTMLOptionElement).value));
    await until("the menu", async () => (await values()).length > 2, 20_000);
    await until(
      "a rung can be had",
      async () => {
        await viewer.page.select(".quality", "");
        await viewer.page.select(".quality", (await values()).at(-1) ?? "");
        const chosen = async () => (await height(viewer)) === 180;
        return until("the rung", chosen, 12_000).catch(() => false);
      },
      60_000,
    );
    await untilPlays(viewer, 30);
    await viewer.page.evaluate("window.opened = true");
    expect(rungs().length).toBeGreaterThan(0);
    const began = performance.now();
    let [frames, at, longest] = [await viewer.frames(), began, 0];
    const goesOn = async () => {
      // The third death in a row ends a rung.
      for (const { pid } of rungs()) process.kill(pid, "SIGKILL");
      const now = await viewer.frames();
      longest = Math.max(longest, performance.now() - at);
      if (now > frames) [frames, at] = [now, performance.now()];
      return now > before + 90 && (await height(viewer)) === 360;
    };
    const before = frames;
    await until("the source", goesOn, 60_000);
    process.stdout.write(`${protocol}: still for ${(longest / 1000).toFixed(1)} s\n`);
    expect(longest / 1000).toBeLessThan(STILL);
    expect(await viewer.page.evaluate("window.opened")).toBe(true);
  } finally {
    await viewer.close();
  }
});
