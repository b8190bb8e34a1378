// What getStreamStatus tells, against what happens: a page that stands, an encoder without a core, viewers, silence; and
// several tabs at a time.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { ffmpegsOf } from "./harness/chain.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

async function live() {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  expect(status.dropped_frames).toBe(status.status.metrics.dropped_frames);
  return status.status;
}

/** What must be told within 3 s, with a second for a slow machine. */
const TOLD_WITHIN = 4_000;

test("a viewer who comes and goes, an encoder that stands still, and silence are told within seconds", async () => {
  await browser.goto(pages.url("pattern.html"));
  const started = await browser.startStream({ quality: "medium" });
  const pid = browser.page.browser().process()?.pid ?? 0;
  await until("figures", async () => (await live()).metrics.current_fps !== null);
  expect(await live()).toMatchObject({ viewer_count: 0, state: "active" });

  const leave = new AbortController();
  await fetch(started.player_url.replace(/player$/, "events"), { signal: leave.signal }); // as the player page does
  await until("the viewer to be counted", async () => (await live()).viewer_count === 1, TOLD_WITHIN);
  leave.abort();
  await until("the viewer to be gone", async () => (await live()).viewer_count === 0, TOLD_WITHIN);

  const [ffmpeg] = ffmpegsOf(pid);
  process.kill(ffmpeg?.pid ?? 0, "SIGSTOP");
  try {
    const starved = await until(
      "the standstill to be told",
      async () => {
        const status = await live();
        return status.health !== "healthy" && status;
      },
      TOLD_WITHIN,
    );
    expect(starved.health_reasons.join()).toMatch(/no media for|FFmpeg is behind/);
  } finally {
    process.kill(ffmpeg?.pid ?? 0, "SIGCONT");
  }
  await until("it to be well again", async () => (await live()).health === "healthy", 15_000);

  await browser.goto(pages.url("text.html"));
  await until("the silence to be told", async () =>
    (await live()).health_reasons.includes("the sound is digital silence"),
  );
  const { health, metrics } = await live();
  expect(health).toBe("healthy"); // a page without sound is well
  expect(metrics.frames_sent).toBeGreaterThan(30);
  expect(metrics.average_bitrate).toBeGreaterThan(0);
  const stopped = await browser.stopStream();
  if (!stopped.success) throw new Error(stopped.error);
  expect(stopped.info).toMatchObject({ state: "stopped", viewer_count: 0, stream_id: started.stream_id });
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
        20_000,
      );
    }
    for (const tab of tabs.slice(1)) expect(await tab.stopStream()).toMatchObject({ success: true });
    expect(await browser.getStreamStatus()).toMatchObject({ active: true }); // those of others have ended, not this one
    expect(await browser.stopStream()).toMatchObject({ success: true });
  } finally {
    for (const tab of tabs.slice(1)) await tab.page.close();
  }
});
