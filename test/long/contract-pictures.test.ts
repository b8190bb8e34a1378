// The contract of startStream at length: a tab that changes its size, and likeness to the screen.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser, type StartStreamOptions, type StartStreamResult } from "../../sdk/index.ts";
import { likeness } from "../e2e/harness/likeness.ts";
import { probe, watchPattern } from "../e2e/harness/media.ts";
import { videoPackets } from "../e2e/harness/packets.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch();
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

/** Streams for as long as `act` takes, then stops. */
async function streamed<T>(options: StartStreamOptions, act: (started: StartStreamResult) => Promise<T>): Promise<T> {
  const started = await browser.startStream(options);
  try {
    return await act(started);
  } finally {
    await browser.stopStream();
  }
}

/** Waits until a stream has so many seconds. */
const lasts = (seconds: number) =>
  until(
    `${seconds} s of stream`,
    async () => {
      const status = await browser.getStreamStatus();
      if (!status.active) throw new Error(status.error);
      return (status.status.metrics.frames_sent ?? 0) / status.status.frame_rate >= seconds && status.status;
    },
    60_000,
  );

/** Waits until the newest media of a stream have this size, and show the pattern all over `crop` of it. */
async function becomes(started: StartStreamResult, width: number, height: number, crop?: string): Promise<void> {
  await until(
    `${width}x${height}`,
    async () => {
      const [picture] = await probe(started.hls_url ?? "");
      return picture?.width === width && picture.height === height;
    },
    30_000,
  );
  const { pictures, frames } = await watchPattern(started.hls_url ?? "", 1, crop);
  expect(pictures).toBeGreaterThan(3); // a busy machine gives fewer than the tab paints
  expect(frames.length).toBeGreaterThan(pictures * 0.9);
}

test("a tab of odd size that changes while live: even sides, the new shape, nothing stretched, no break", async () => {
  const viewport = browser.page.viewport();
  try {
    await browser.page.setViewport({ width: 641, height: 359 });
    await browser.goto(pages.url("pattern.html"));
    const encoded = await streamed({ codec: "h265", quality: "medium", audio: false }, async (started) => {
      // Chrome captures 640 × 358, of which two columns are padding (docs/decisions/sizes.md).
      expect(started).toMatchObject({ width: 638, height: 358, encoder: "libx265" });
      await becomes(started, 638, 358);
      await browser.page.setViewport({ width: 300, height: 400 });
      await becomes(started, 300, 400);
      const { status } = await browser.getStreamStatus();
      expect(status).toMatchObject({ state: "active", width: 300, height: 400, encoder: "libx265" });
      expect(status?.recovery_metrics.ffmpeg_restarts).toBe(0);
      return started;
    });
    const packets = await videoPackets(encoded.hls_url ?? "");
    expect(Math.min(...packets.slice(1).map(({ at }, index) => at - (packets[index]?.at ?? at)))).toBeGreaterThan(0);
    await streamed({ width: 320, height: 180, audio: false }, async (started) => {
      await becomes(started, 320, 180, "136:180"); // 3:4 in the middle, bars beside it
      await browser.page.setViewport({ width: 400, height: 400 });
      await until(
        "the new shape",
        () =>
          becomes(started, 320, 180, "180:180").then(
            () => true,
            () => false,
          ),
        30_000,
      );
    });
  } finally {
    await browser.page.setViewport(viewport);
  }
});

test("text: crisp at high, without a loss at lossless", async () => {
  await browser.goto(pages.url("text.html"));
  const screenshot = await browser.page.screenshot({ type: "png" });
  const crisp = await streamed({ audio: false }, async (started) => {
    await lasts(3);
    return started;
  });
  expect(likeness(crisp.hls_url ?? "", screenshot, "ssim").at(-1)).toBeGreaterThan(0.985);
  for (const codec of ["vp9", "h264"] as const) {
    const exact = await streamed({ quality: "lossless", codec, audio: false }, async (started) => {
      await lasts(1);
      return started;
    });
    expect(exact).toMatchObject({ width: 1280, height: 720, encoder: codec === "vp9" ? "passthrough" : "libx264" });
    expect(Math.min(...likeness(exact.hls_url ?? "", screenshot, "psnr").slice(-5))).toBeGreaterThan(50);
  }
});
