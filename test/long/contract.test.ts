// What startStream promises of a tab, as far as it takes long: a screen of many pixels, the cap on hard text.
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROFILES } from "../../protocol/profiles.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { probe } from "../e2e/harness/media.ts";
import { peakRate, videoPackets } from "../e2e/harness/packets.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

/** bit/s */
const MEDIUM_CAP = PROFILES.medium.video_bitrate ?? 0;
const SECONDS = 8;

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages?.close());

test("a screen with two pixels to the pixel is streamed with all of them", async () => {
  const sharp = await FlyBrowser.launch({
    viewport: { width: 320, height: 180 },
    args: ["--force-device-scale-factor=2"],
  });
  try {
    await sharp.page.setViewport(null); // an emulated ratio changes what the page believes, not the picture of the tab
    await sharp.goto(pages.url("pattern.html"));
    const [width, height] = (await sharp.page.evaluate("[innerWidth * 2, innerHeight * 2]")) as [number, number];
    const started = await sharp.startStream({ quality: "medium", audio: false });
    expect(started).toMatchObject({ width, height });
    expect((await probe(started.hls_url ?? ""))[0]).toMatchObject({ width, height });
  } finally {
    await sharp.close();
  }
});

test("the cap is held on text that scrolls fast, over any 4 s from the first frame on", async () => {
  const browser = await FlyBrowser.launch();
  try {
    await browser.goto(pages.url("text.html?scroll=40"));
    const { hls_url, frame_rate } = await browser.startStream({ quality: "medium", audio: false });
    await until(
      `${SECONDS} s of stream`,
      async () => ((await browser.getStreamStatus()).status?.metrics.frames_sent ?? 0) / frame_rate >= SECONDS,
      60_000,
    );
    await browser.stopStream();
    const packets = await videoPackets(hls_url ?? "");
    expect(peakRate(packets, 4, 0)).toBeLessThan(1.1 * MEDIUM_CAP);
    expect(peakRate(packets, 4, 0)).toBeGreaterThan(0.3 * MEDIUM_CAP); // it did scroll
  } finally {
    await browser.close();
  }
});
