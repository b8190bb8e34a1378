// Another quality while live: who watches by HLS and by WebRTC goes on, by the same link, and the recording is one file that plays. By the popup:
// test/e2e/popup.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StreamInfo } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { mediaPlaylist } from "../e2e/harness/hls.ts";
import { probe, watchPattern } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

/** ms between two pictures of a viewer, at most: a change costs a tenth of a second and a run; two busy cores may take longer. */
const LONGEST_STILL = 4_000;

let pages: Pages;
let folder: string;

beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "quality-test-"));
});

afterAll(async () => {
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

test("viewers, link and recording go on through two changes; what can't be changed is refused, and nothing happens", {
  timeout: 90_000,
}, async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 1280, height: 720 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    // Two busy cores would have the viewer read a rung, whose size is another.
    const started = await browser.startStream({ quality: "medium", renditions: "source" });
    expect(started).toMatchObject({ quality: "medium", width: 1280, height: 720, frame_rate: 30 });
    const path = join(folder, "talk.mp4");
    await browser.startRecording({ path });
    const [viewer, client] = await Promise.all([
      openViewer(`${started.player_url}?protocol=ll-hls`),
      WhepViewer.open(pages.url("form.html")),
    ]);
    try {
      const { index } = await client.connect(started.whep_url ?? "");
      await untilPlays(viewer);
      await until("WebRTC plays", async () => (await client.stats(index)).frames > 10);
      await viewer.page.evaluate(watchStillness);

      const low = await browser.setQuality("low_bandwidth");
      expect(low).toMatchObject({ quality: "low_bandwidth", frame_rate: 15, state: "active" });
      expect([low.width, low.height].every((side) => side % 2 === 0)).toBe(true);
      expect(low.height).toBe(478); // of 480 Chrome fills two rows with black, which are cut off
      await until("WebRTC shows the smaller picture", async () => (await client.stats(index)).width < 900);
      await untilPlays(viewer);
      const shown = () => viewer.page.$eval("video", ({ videoWidth }) => videoWidth);
      await until("HLS shows the smaller picture", async () => (await shown()) === low.width);

      await expect(browser.setQuality("lossless")).rejects.toMatchObject({ code: "unsupported_combination" });
      await expect(browser.setQuality("best" as never)).rejects.toMatchObject({ code: "invalid_option" });
      expect(await now(browser)).toMatchObject({ quality: "low_bandwidth", height: 478 });

      const high = await browser.setQuality("high");
      expect(high).toMatchObject({ quality: "high", width: 1280, height: 720, frame_rate: 30 });
      await until("HLS shows the larger picture", async () => (await shown()) === 1280);
      await until("WebRTC shows the larger picture", async () => (await client.stats(index)).width === 1280);
      await untilPlays(viewer);

      const info = await now(browser);
      expect(info).toMatchObject({
        ...{ stream_id: started.stream_id, player_url: started.player_url, state: "active", viewer_count: 2 },
        recovery_metrics: { ffmpeg_restarts: 0, capture_restarts: 0 },
      });
      expect((await client.stats(index)).connection).toBe("connected");
      expect(await viewer.page.evaluate(longestStillness)).toBeLessThan(LONGEST_STILL);
      expect(viewer.problems).toEqual([]);
      const { text } = await mediaPlaylist(started.hls_url ?? "");
      expect(text.match(/^#EXT-X-TARGETDURATION:2$/gm)).toHaveLength(1); // as told at the beginning
    } finally {
      await Promise.all([viewer.close(), client.close()]);
    }
    const { file_path, duration_seconds } = await browser.stopRecording();
    expect((await probe(file_path)).filter(({ codec_type }) => codec_type === "video")).toHaveLength(1);
    const { frames } = await watchPattern(file_path, duration_seconds);
    const times = frames.map(({ time }) => time);
    expect(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000).toBeGreaterThan(duration_seconds - 2); // from beginning to end
    const gaps = times.map((time, at) => time - (times[at - 1] ?? time));
    expect(Math.max(...gaps)).toBeLessThan(LONGEST_STILL);
  } finally {
    await browser.close();
  }
});

async function now(browser: FlyBrowser): Promise<StreamInfo> {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status as StreamInfo;
}

/** Notes the longest time between two pictures; in the page. */
function watchStillness(): void {
  const video = document.querySelector("video") as HTMLVideoElement;
  let [last, longest] = [performance.now(), 0];
  const next = (at: number) => {
    longest = Math.max(longest, at - last);
    last = at;
    video.dataset.longest = String(longest);
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
}

function longestStillness(): number {
  return Number((document.querySelector("video") as HTMLVideoElement).dataset.longest);
}
