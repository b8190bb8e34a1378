// The host is stopped (SIGSTOP) and not let go on: the extension notices, another host takes the stream over on the same port, the viewer
// sees on without a reload, and the one that was stopped is gone. Where it is the bridge to the host, the host lives on in the same run.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { chainOf, hostOf } from "../e2e/harness/chain.ts";
import { descendants, stillRunning } from "../e2e/harness/leftovers.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(started.player_url);
  await viewer.page.evaluate("window.opened = true");
  await untilPlays(viewer);
});
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("a bridge that was stopped is replaced, and the host goes on in the same run", async () => {
  const pid = browser.page.browser().process()?.pid ?? 0;
  const chain = chainOf(pid);
  const bridges = () => descendants(pid).filter(({ command }) => command.startsWith("flybrowser-bridge"));
  const session = await browser.page.createCDPSession();
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await session.detach();
  await until("there is a bridge", () => bridges().length === 1);
  const [bridge = 0] = bridges().map((each) => each.pid);
  await untilPlays(viewer);
  const before = await browser.getStreamStatus();
  process.kill(bridge, "SIGSTOP");
  const stopped_at = performance.now();
  try {
    await until("another bridge stands", () => bridges().some((each) => each.pid !== bridge), 10_000);
    console.info(`another bridge after ${Math.round(performance.now() - stopped_at)} ms`);
    await until("it has gone", () => stillRunning([bridge]).length === 0, 5_000);
    await untilPlays(viewer);
    expect(chainOf(pid)).toEqual(chain);
    expect(await viewer.page.evaluate("window.opened")).toBe(true);
    await until("it is active", async () => {
      const status = await browser.getStreamStatus();
      return status.active && status.status.state === "active";
    });
    const status = await browser.getStreamStatus();
    expect(status.active && status.status.recovery_metrics).toEqual(before.active && before.status.recovery_metrics);
  } finally {
    if (stillRunning([bridge]).length > 0) process.kill(bridge, "SIGCONT");
  }
});

test("a host that was stopped is replaced while it still is", async () => {
  const pid = browser.page.browser().process()?.pid ?? 0;
  const { host, ffmpeg } = chainOf(pid);
  process.kill(host, "SIGSTOP");
  try {
    await until("another host runs", () => (hostOf(pid)?.pid ?? host) !== host, 10_000);
    await untilPlays(viewer);
    await until("both that were there are gone", () => stillRunning([host, ffmpeg]).length === 0, 5_000);
    expect(await viewer.page.evaluate("window.opened")).toBe(true);
    const status = await browser.getStreamStatus();
    expect(status.active && status.status).toMatchObject({
      ...{ stream_id: started.stream_id, player_url: started.player_url, state: "active" },
      recovery_metrics: { capture_restarts: 1 },
    });
  } finally {
    if (stillRunning([host]).length > 0) process.kill(host, "SIGCONT");
  }
});
