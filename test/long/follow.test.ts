// A stream that follows, at length: Playwright, a window of another size, one recording, one RTMP connection, one viewer by WebRTC; what
// the player says where it doesn't follow; and what a person's own browser allows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { runningHosts } from "../../sdk/page-host.ts";
import { untilMore } from "../e2e/harness/hls.ts";
import { probe } from "../e2e/harness/media.ts";
import { openPerson } from "../e2e/harness/person.ts";
import type { Site } from "../e2e/harness/site.ts";
import { coloursIn, serveColours, shownBy, stateOf, untilSeen } from "../e2e/harness/tabs.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";

const OPTIONS = { viewport: { width: 640, height: 360 } };

const folder = mkdtempSync(join(tmpdir(), "flybrowser-follow-"));
let site: Site;

beforeAll(async () => {
  site = await serveColours();
});

afterAll(async () => {
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a page of Chrome's own: its last picture, the reason, and on", { timeout: 60_000 }, async () => {
  await using live = await FlyBrowser.launch(OPTIONS);
  await live.goto(site.url("/red"));
  const started = await live.startStream({ quality: "medium", follow: "active", mask: ["#marker"] });
  const [green] = await Promise.all([
    new Promise<Page | null>((resolve) => void live.page.once("popup", resolve)),
    live.page.click("#link"),
  ]);
  await untilSeen(started, "green");
  await green?.goto("chrome://version");
  const status = await until("the status says so", async () => {
    const { status: now } = await live.getStreamStatus();
    return now?.health_reasons.some((reason) => reason.includes("a page that Chrome lets nobody capture")) ? now : null;
  });
  expect(status.health).not.toBe("healthy");
  expect(await stateOf(started.player_url)).toMatchObject({ place: "not_capturable" });
  await untilMore(started.hls_url ?? "", 2);
  expect((await shownBy(started.hls_url ?? "")).at(-1)).toMatchObject({ colour: "green" }); // the last picture, again and again
  await green?.goto(site.url("/green"));
  await untilSeen(started, "green");
});

test("Playwright: a window of another size that closes itself; one recording of it all", {
  timeout: 60_000,
}, async () => {
  const options = await FlyBrowser.launchOptions(OPTIONS);
  const context = await chromium.launchPersistentContext(options.user_data_dir, options.playwright);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const live = await FlyBrowser.attach(page);
    await page.goto(site.url("/red"));
    const started = await live.startStream({ quality: "medium", follow: "active" });
    await live.startRecording({ path: join(folder, "all.mp4") });
    const [yellow] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate((url) => void window.open(url, "other", "width=400,height=300"), site.url("/yellow")),
    ]);
    await untilSeen(started, "yellow");
    await expect(live.startRecording()).rejects.toMatchObject({ code: "recording_already_active" });
    await yellow.evaluate(() => setTimeout(() => window.close(), 50));
    await untilSeen(started, "red");
    const shown = await shownBy(started.hls_url ?? "");
    expect(shown.filter(({ colour }) => colour === "yellow").at(-1)).toMatchObject({ width: 400, height: 300 });
    const { file_path, duration_seconds } = await live.stopRecording();
    const streams = await probe(file_path);
    expect(streams.map(({ codec_type }) => codec_type).sort()).toEqual(["audio", "video"]);
    expect(streams.find(({ codec_type }) => codec_type === "video")).toMatchObject({ width: 640, height: 360 });
    const colours = (await coloursIn(file_path)).filter((each) => each !== null);
    expect(colours.filter((each, index) => each !== colours[index - 1])).toEqual(["red", "yellow", "red"]);
    expect(duration_seconds).toBeGreaterThan(4);
  } finally {
    await context.close();
  }
});

test("an RTMP connection and a viewer by WebRTC stay, several tabs deep and back", async () => {
  const cleanup = new Cleanup();
  const key = testKey();
  const server = await startRtmpServer(cleanup, key);
  const live = await FlyBrowser.launch(OPTIONS);
  try {
    await live.goto(site.url("/red"));
    const rtmp = { protocol: "rtmp", rtmp_url: `rtmp://127.0.0.1:${server.port}/keyed`, rtmp_key: key } as const;
    const started = await live.startStream({
      quality: "ultra_low_latency",
      follow: "active",
      mask: ["#marker"],
      ...rtmp,
    });
    const viewer = await openViewer(`${started.player_url}?protocol=webrtc`);
    try {
      await untilPlays(viewer);
      const offers = () => viewer.requests.filter((address) => /\/whep(\?|$)/.test(address)).length;
      const asked = offers();
      expect(asked).toBeGreaterThan(0);
      let page: Page = live.page;
      const opened: Page[] = [];
      for (const name of ["green", "blue", "yellow"] as const) {
        const next = new Promise<Page | null>((resolve) => void page.once("popup", resolve));
        await page.evaluate((url) => void window.open(url), site.url(`/${name}`));
        page = (await next) as Page;
        opened.push(page);
        await untilSeen(started, name);
      }
      for (const name of ["blue", "green", "red"] as const) {
        await opened.pop()?.close();
        await untilSeen(started, name);
      }
      await untilPlays(viewer);
      expect(offers()).toBe(asked);
      const { status } = await live.getStreamStatus();
      expect(status?.destinations).toMatchObject([{ state: "live", reconnects: 0 }]);
      expect(status).toMatchObject({ stream_id: started.stream_id, state: "active" });
    } finally {
      await viewer.close();
    }
  } finally {
    await live.close();
    await cleanup.run();
  }
});

test('`follow: "page"`: the player says that the program works in another tab', async () => {
  await using live = await FlyBrowser.launch(OPTIONS);
  await live.goto(site.url("/red"));
  const viewer = await openViewer((await live.startStream({ quality: "medium" })).player_url);
  try {
    const note = () => viewer.page.$eval(".place-note", ({ textContent }) => textContent);
    await until("it plays", async () => (await viewer.word()) === "Live");
    expect(await note()).toBe("");
    const other = await live.page.browser().newPage();
    await until("the viewer is told", async () => /another tab/.test((await note()) ?? ""));
    await other.close();
    await until("it is as it was", async () => (await note()) === "");
  } finally {
    await viewer.close();
  }
});

test("in a person's browser Chrome wants a click in each tab: the stream stays, and its status says why", async () => {
  const person = await openPerson({ host: { FLYBROWSER_STATE_DIR: join(folder, "state") } });
  try {
    await person.page.goto(site.url("/red"));
    await person.openPopup(); // the click; and the host is there while the popup is open
    const [host] = await until("the host", () => {
      const hosts = runningHosts([join(folder, "state")]);
      return hosts.length > 0 && hosts;
    });
    if (!host) throw new Error("there is no host");
    const tab = (await host.listTabs()).find(({ url }) => url === site.url("/red"));
    const started = await host.startStream({ tab_id: tab?.tab_id ?? -1 }, { quality: "medium", follow: "active" });
    const reasons = async () => (await host.getStreamStatus(started.stream_id)).status?.health_reasons;
    const other = await person.browser.newPage();
    await other.goto(site.url("/blue"));
    await until("the status says so", async () => /wants a click/.test((await reasons())?.join() ?? ""));
    await untilSeen(started, "red");
    await person.page.bringToFront();
    await until("it is as it was", async () => (await reasons())?.length === 0);
    await other.close();
    await person.page.close();
    await until("the stream ends with its tab", async () => (await host.listStreams()).length === 0);
  } finally {
    await person.close();
  }
});
