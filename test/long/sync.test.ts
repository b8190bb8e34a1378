// How far sound and picture are apart, by each way, from the first run on: after another size of the tab and FFmpeg's death too. Across runs
// the page plays a film whose sound belongs to its picture; as it is heard, one that beeps at each whole second and paints the time. WebRTC: webrtc-sync.test.ts; the sound turned on late: live-sync.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { agesAt } from "../e2e/harness/ages.ts";
import { chainOf, ffmpegsOf } from "../e2e/harness/chain.ts";
import { untilMore } from "../e2e/harness/hls.ts";
import { makeKnownSync, ownDelay } from "../e2e/harness/known-sync.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { beepDelay } from "../e2e/harness/sync.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer } from "../e2e/harness/viewer.ts";
import { type RtmpServer, startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";

/** s of media that are measured at a time. */
const SECONDS = 6;
/** ms: what is asked for is 25; the rest is for a machine so busy that the page itself shows the film's pictures late, by one (33 ms). */
const APART = 55;

/** ms, as it is heard: the measurement's own is another amount in each page, by up to 35. */
const HEARD = 80;

/** Beeps that are heard of a way, and of the film that tells what the measurement adds. */
const BEEPS = 10;
/** s that the film lasts: longer than each of the tests needs. */
const FILM = 150;

const cleanup = new Cleanup();
let pages: Pages;
let server: RtmpServer;
let folder: string;
let browser: FlyBrowser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sync-test-"));
  const film = join(folder, "known-sync.mp4");
  await makeKnownSync(film, FILM);
  pages = await servePages({ "known-sync.mp4": film });
  server = await startRtmpServer(cleanup, "key");
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await cleanup.run();
  rmSync(folder, { recursive: true, force: true });
});

const told = (what: string, ms: number) => void process.stdout.write(`${what}: sound ${ms.toFixed(0)} ms late\n`);

/** ms that the sound is late, of several sources at once. */
async function measured(sources: Readonly<Record<string, readonly string[]>>): Promise<Record<string, number>> {
  const late = Object.entries(sources).map(async ([what, [source = "", ...input]]) => {
    const delay = await beepDelay(source, SECONDS, mkdtempSync(join(folder, "measure-")), input);
    told(what, delay * 1000);
    return [what, delay * 1000] as const;
  });
  return Object.fromEntries(await Promise.all(late));
}

const ago = (seconds: number) => {
  const began = performance.now();
  return until(`${seconds} s`, () => performance.now() - began > seconds * 1000, seconds * 1000 + 5_000);
};

test.each(["hls", "rtmp"] as const)("%s and its recording, across runs", { timeout: 240_000 }, async (protocol) => {
  await browser.page.setViewport({ width: 640, height: 360 });
  await browser.goto(pages.url("known-sync.html?play"));
  const rtmp = `rtmp://127.0.0.1:${server.port}/open/sync`;
  const stream = await browser.startStream({
    ...({ protocol, quality: "medium", renditions: "source" } as const),
    ...(protocol === "rtmp" ? { rtmp_url: rtmp } : {}),
  });
  const path = join(folder, `${protocol}.mp4`);
  await browser.startRecording({ path });
  const began = performance.now();
  const hls = stream.hls_url ?? "";
  const pieces: Record<string, string[]> = {};
  const late: Record<string, number> = {};
  const measure = async (when: string) => {
    await untilMore(hls);
    await ago(3); // of the run before nothing is listed last
    pieces[`recording, ${when}`] = [path, "-ss", ((performance.now() - began) / 1000).toFixed(1)];
    const sources = { [`HLS, ${when}`]: [hls], ...(protocol === "rtmp" ? { [`RTMP, ${when}`]: [rtmp] } : {}) };
    // The recording's piece ends, too, before the next run begins.
    const [found] = await Promise.all([measured(sources), ago(SECONDS + 2)]);
    Object.assign(late, found);
  };
  await measure("the first run");
  await browser.page.setViewport({ width: 800, height: 450 });
  // RTMP has one size for as long as it is live: the host encodes from then on.
  const changed = async () => {
    const { status } = await browser.getStreamStatus();
    return protocol === "rtmp" ? status?.encoder !== stream.encoder : status?.width === 800;
  };
  await until("the new run", changed);
  await measure("another size of the tab");
  const pid = browser.page.browser().process()?.pid ?? 0;
  const { ffmpeg } = chainOf(pid);
  process.kill(ffmpeg, "SIGKILL");
  await until("another FFmpeg", () => ffmpegsOf(pid).some((each) => each.pid !== ffmpeg));
  await measure("FFmpeg has died");
  await browser.stopRecording();
  await browser.stopStream();
  Object.assign(late, await measured(pieces));
  for (const [what, ms] of Object.entries(late)) expect(Math.abs(ms), what).toBeLessThan(APART);
});

test.each([
  ["LL-HLS in the player", "medium", "?protocol=hls"],
  ["HLS in the player", "low_bandwidth", "?protocol=hls"],
  ["DASH in the player", "medium", "?protocol=dash"],
  ["live engine in the player", "medium", "?protocol=live"],
] as const)("by %s, as it is heard", { timeout: 120_000 }, async (way, quality, query) => {
  await browser.page.setViewport({ width: 640, height: 360 });
  await browser.goto(pages.url("pattern.html?smooth"));
  const { player_url } = await browser.startStream({ quality, renditions: "source" });
  const viewer = await openViewer(`${player_url}${query}`);
  try {
    const { page } = viewer;
    await page.setBypassCSP(true); // for the worklet that listens
    await page.reload();
    await page.waitForSelector("video");
    await (await page.waitForSelector(".unmute-button", { timeout: 30_000 }))?.click();
    await page.waitForFunction("document.querySelector('video').muted === false");
    const { late } = await agesAt(page, "video", BEEPS);
    const own = await ownDelay(page, pages.url("known-sync.html"), BEEPS);
    told(`${way}, without ${own.toFixed(0)} ms of the measurement's own`, late - own);
    expect(Math.abs(late - own)).toBeLessThan(HEARD);
  } finally {
    await viewer.close();
    await browser.stopStream();
  }
});
