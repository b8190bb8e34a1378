// What getStreamStatus tells, against what happens: a page that stands, an encoder without a core, viewers, silence. Several tabs:
// test/long/several-tabs.test.ts.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { ffmpegsOf } from "./harness/chain.ts";
import { descendants } from "./harness/leftovers.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

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

async function live() {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  expect(status.dropped_frames).toBe(status.status.metrics.dropped_frames);
  return status.status;
}

/** ms for what is told within 3 s on a machine that is not busy with other tests. */
const TOLD_WITHIN = 30_000;

/** Waits until a reason of the health is told; says how long that took. */
async function told(reason: RegExp): Promise<void> {
  const began = performance.now();
  const found = await until(
    `${reason} to be told`,
    async () => {
      const { health, health_reasons } = await live();
      return health !== "healthy" && health_reasons.find((each) => reason.test(each));
    },
    TOLD_WITHIN,
  );
  console.info(`"${found}" was told after ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** Stops a process for as long as `act` takes. */
async function standing(pid: number | undefined, act: () => Promise<void>): Promise<void> {
  if (pid === undefined) throw new Error("there is no such process");
  process.kill(pid, "SIGSTOP");
  try {
    await act();
  } finally {
    try {
      process.kill(pid, "SIGCONT");
    } catch {} // it was ended for standing still
  }
}

const wellAgain = () => until("it to be well again", async () => (await live()).health === "healthy", 30_000);

test("a viewer who comes and goes, a capture or an encoder that stands still, and silence are told within seconds", async () => {
  await browser.goto(pages.url("pattern.html"));
  const started = await browser.startStream({ quality: "medium" });
  const pid = browser.page.browser().process()?.pid ?? 0;
  await until("figures", async () => (await live()).metrics.current_fps !== null, TOLD_WITHIN);
  expect(await live()).toMatchObject({ viewer_count: 0, state: "active" });
  const counted = (count: number) =>
    until(`viewer_count to be ${count}`, async () => (await live()).viewer_count === count, TOLD_WITHIN);

  const leave = new AbortController();
  await fetch(started.player_url.replace(/player$/, "events"), { signal: leave.signal }); // as the player page does
  await counted(1);
  leave.abort();
  await counted(0);
  await (await fetch(new URL("video.m3u8", started.hls_url ?? ""))).text(); // as any other player
  await counted(1);
  const left = performance.now();
  await counted(0);
  console.info(`a reader was gone after ${((performance.now() - left) / 1000).toFixed(1)} s`);

  await wellAgain();
  // Where Chrome captures: a page whose own process stands looks like one where nothing moves.
  const gpu = descendants(pid).find(({ command }) => command.includes("--type=gpu-process"));
  await standing(gpu?.pid, () => told(/^no (media|video) for/));
  await wellAgain();
  // An FFmpeg that stands is replaced before anybody misses much.
  const replaced = async () => (await live()).recovery_metrics.ffmpeg_restarts > 0;
  await standing(ffmpegsOf(pid)[0]?.pid, async () => void (await until("another FFmpeg", replaced, TOLD_WITHIN)));
  await wellAgain();

  await browser.goto(pages.url("text.html"));
  await until(
    "the silence to be told",
    async () => (await live()).health_reasons.includes("the sound is digital silence"),
    TOLD_WITHIN,
  );
  await wellAgain(); // a page without sound is well
  const { metrics } = await live();
  expect(metrics.frames_sent).toBeGreaterThan(30);
  expect(metrics.average_bitrate).toBeGreaterThan(0);
  const stopped = await browser.stopStream();
  if (!stopped.success) throw new Error(stopped.error);
  expect(stopped.info).toMatchObject({ state: "stopped", viewer_count: 0, stream_id: started.stream_id });
});
