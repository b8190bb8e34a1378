// What startStream promises of a tab, as far as it takes long: H.265, a screen of many pixels, the cap on hard text and on noise.
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROFILES } from "../../protocol/profiles.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { streamsCodec } from "../e2e/harness/codec.ts";
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

test("protocol hls, codec h265", async () => {
  await using browser = await FlyBrowser.launch();
  await browser.goto(pages.url("pattern.html"));
  await streamsCodec(browser, { protocol: "hls", codec: "h265" }, "libx265", /^hvc1\.1\.6\.L\d+/);
});

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

test("the cap is held on noise that begins while live, by an encoder that takes over and gives back nothing of the stream", async () => {
  const browser = await FlyBrowser.launch();
  try {
    await browser.goto(`${pages.url("noise.html")}?calm`);
    const { hls_url, encoder } = await browser.startStream({ quality: "medium", audio: false });
    expect(encoder).toBe("passthrough");
    await browser.page.evaluate("window.noise = true");
    const taken = await until("the host to take over", async () => {
      const status = await browser.getStreamStatus();
      return status.active && status.status.encoder !== "passthrough" && status.status;
    });
    expect(taken).toMatchObject({ state: "active", recovery_metrics: { ffmpeg_restarts: 0, capture_restarts: 0 } });
    const frames = taken.metrics.frames_sent ?? 0;
    await until(
      "8 s more",
      async () => {
        const status = await browser.getStreamStatus();
        return status.active && (status.status.metrics.frames_sent ?? 0) > frames + 240;
      },
      40_000,
    );
    await browser.stopStream();
    const packets = await videoPackets(hls_url ?? "");
    const loud = packets.findIndex(({ bits }) => bits > 200_000); // the first frame of noise
    expect(loud).toBeGreaterThan(0);
    // One clock for what the browser made and what the host makes: FFmpeg as a player takes both by the first's timescale.
    expect(Math.min(...packets.slice(1).map(({ at }, index) => at - (packets[index]?.at ?? at)))).toBeGreaterThan(0);
    expect(peakRate(packets.slice(loud), 4, 3)).toBeLessThan(1.25 * MEDIUM_CAP);
  } finally {
    await browser.close();
  }
});
