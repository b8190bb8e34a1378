// The colours that viewers see are those of the page, with both of Chrome's compositors: each makes pixels of another matrix.
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../bench/browser.ts";
import { colourPage, SIZE } from "../../bench/colour/page.ts";
import { seenByBrowser, seenByFfmpeg } from "../../bench/colour/viewers.ts";
import { FlyBrowser } from "../../sdk/index.ts";

let folder: string;
let chromium: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flybrowser-colours-"));
  writeFileSync(join(folder, "page.html"), colourPage());
  chromium = await launchBrowser();
});
afterAll(async () => {
  await chromium?.close();
  await rm(folder, { recursive: true, force: true });
});

const GPU = ["--use-angle=swiftshader", "--enable-gpu", "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader"];

describe.each([
  ["as it comes", []],
  ["by GPU", GPU],
])("Chrome that composites %s", (_, args) => {
  test.each(["h264", "vp9"] as const)("%s", async (codec) => {
    const browser = await FlyBrowser.launch({ viewport: SIZE, args });
    try {
      await browser.goto(pathToFileURL(join(folder, "page.html")).href);
      const shot = join(folder, "shot.png");
      writeFileSync(shot, await browser.page.screenshot({ type: "png" }));
      const { hls_url, player_url } = await browser.startStream({ quality: "high", codec });
      if (hls_url === null) throw new Error("no HLS");
      const seen = [
        await seenByFfmpeg(hls_url, shot, folder),
        ...(await Promise.all(["hls", "dash", "webrtc"].map((way) => seenByBrowser(chromium, player_url, way)))),
      ];
      // As of the wrong matrix the mean is 2.3 to 3.1, the largest 8.9.
      for (const { mean, largest } of seen) {
        expect(mean).toBeLessThan(1.8);
        expect(largest).toBeLessThan(6);
      }
    } finally {
      await browser.close();
    }
  });
});
