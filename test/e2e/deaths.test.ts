// Any one process dies while live: the same player_url goes on, and it is told. When the browser itself dies, all of
// it is gone. One browser and one viewer for the whole file; the tests follow one another.
import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "puppeteer-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { StartRecordingResult, StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { paced } from "../fixtures/pace.ts";
import { chainOf, ffmpegsOf, hostOf } from "./harness/chain.ts";
import { untilMore } from "./harness/hls.ts";
import { descendants, isPortOpen, stillRunning } from "./harness/leftovers.ts";
import { watchPattern } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;
let folder = "";
let recording: StartRecordingResult;

const browserPid = (): number => browser.page.browser().process()?.pid ?? 0;

async function info(): Promise<StreamInfo> {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status;
}

/** The same link lives: media advance and show the page, the viewer plays on without a reload. */
async function goesOn(): Promise<void> {
  const hls = started.hls_url ?? "";
  await untilMore(hls);
  await untilPlays(viewer);
  expect(await until("the viewer says Live", async () => (await viewer.word()) === "Live")).toBe(true);
  expect(await viewer.page.evaluate("window.opened")).toBe(true);
  expect((await watchPattern(hls, 2)).frames.length).toBeGreaterThan(20);
  expect(await info()).toMatchObject({ stream_id: started.stream_id, player_url: started.player_url, state: "active" });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "deaths-test-"));
  vi.stubEnv("FLYBROWSER_RECORDINGS_DIR", join(folder, "notes"));
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(started.player_url);
  await viewer.page.evaluate("window.opened = true");
  await untilPlays(viewer);
  recording = await browser.startRecording({ path: join(folder, "all.mp4") });
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The recording goes on as well: the same one, into the same file, and it grows. */
async function recordsOn(): Promise<void> {
  const now = async () => (await info()).recording;
  await until("the recording goes on", async () => (await now())?.status === "recording", 30_000);
  const before = await now();
  expect(before).toMatchObject({ recording_id: recording.recording_id, file_path: recording.file_path });
  await until("it grows", async () => ((await now())?.duration_seconds ?? 0) > (before?.duration_seconds ?? 0), 30_000);
}

test("FFmpeg is killed: a new one goes on, and it is counted", async () => {
  const { ffmpeg, host } = chainOf(browserPid());
  process.kill(ffmpeg, "SIGKILL");
  await until("another FFmpeg runs", () => ffmpegsOf(browserPid()).some(({ pid }) => pid !== ffmpeg));
  await goesOn();
  await recordsOn();
  expect(hostOf(browserPid())?.pid).toBe(host);
  const { recovery_metrics } = await info();
  expect(recovery_metrics).toMatchObject({ ffmpeg_restarts: 1, last_recovery_time: expect.any(String) });
});

test("the host is killed: another one takes the stream over on the same port", async () => {
  const { host, ffmpeg } = chainOf(browserPid());
  const before = await info();
  process.kill(host, "SIGKILL");
  const { frames_sent } = before.metrics;
  const told: (StreamInfo | string)[] = [];
  await until("it is active again", async () => {
    const status = await browser.getStreamStatus().catch(() => null); // one that was under way
    if (status) told.push(status.active ? status.status : status.error);
    return status?.active && hostOf(browserPid())?.pid !== host && status.status.state === "active";
  });
  expect(told.filter((each) => typeof each === "string")).toEqual([]);
  // What came in the host's last second it told to nobody but who asked.
  const least = (frames_sent ?? 0) - 40;
  for (const each of told as StreamInfo[]) expect(each.metrics.frames_sent).toBeGreaterThan(least);
  expect(stillRunning([ffmpeg])).toEqual([]);
  await until("another host runs", () => (hostOf(browserPid())?.pid ?? host) !== host);
  await goesOn();
  await recordsOn();
  const { recovery_metrics, local_server_port } = await info();
  expect(local_server_port).toBe(started.local_server_port);
  expect(recovery_metrics).toMatchObject({
    ffmpeg_restarts: 1,
    capture_restarts: 1,
    last_recovery_time: expect.any(String),
  });
});

test("Chrome stops the service worker: the host lives on, in the same run, and the next worker goes on with it", async () => {
  const before = chainOf(browserPid());
  const { recovery_metrics } = await info();
  const bridges = () => descendants(browserPid()).filter(({ command }) => command.startsWith("flybrowser-bridge"));
  const session = await browser.page.createCDPSession();
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await session.detach();
  await until("its connection is made anew", () => bridges().length === 1);
  await goesOn();
  await recordsOn();
  expect(chainOf(browserPid())).toEqual(before);
  expect((await info()).recovery_metrics).toEqual(recovery_metrics);
});

/** Evaluates in the service worker. */
async function inWorker(script: string): Promise<unknown> {
  const isWorker = (target: Target) => target.type() === "service_worker";
  const worker = await (await browser.page.browser().waitForTarget(isWorker)).worker();
  return worker?.evaluate(script);
}

test("the offscreen document is closed: the tab is captured again within 3 s, in the same host", async () => {
  const { host } = chainOf(browserPid());
  const before = (await info()).recovery_metrics.capture_restarts;
  const frames = async () => (await info()).metrics.frames_sent ?? 0;
  await inWorker("chrome.offscreen.closeDocument()");
  const closed_at = performance.now();
  await until("it says so", async () => (await info()).state === "recovering", 2_000);
  await until("it is active again", async () => (await info()).state === "active");
  const taken = performance.now() - closed_at;
  const shown = await frames();
  await until("frames come", async () => (await frames()) > shown);
  expect(taken).toBeLessThan(paced(3_000));
  await goesOn();
  await recordsOn();
  expect(hostOf(browserPid())?.pid).toBe(host);
  expect((await info()).recovery_metrics.capture_restarts).toBe(before + 1);
});

test("what was recorded through all of it is one file", async () => {
  const stopped = await browser.stopRecording();
  expect(stopped).toMatchObject({ status: "finished", file_path: recording.file_path });
  const { frames } = await watchPattern(recording.file_path, 60);
  const span = ((frames.at(-1)?.time ?? 0) - (frames[0]?.time ?? 0)) / 1000;
  expect(Math.abs(span - stopped.duration_seconds)).toBeLessThan(1);
  expect((await readdir(folder)).sort()).toEqual(["all.mp4", "notes"]);
  expect((await info()).state).toBe("active");
});

test("the browser is killed: nothing is left, the viewer hears of it, the program gets a clear error", async () => {
  const { host, ffmpeg } = chainOf(browserPid());
  process.kill(browserPid(), "SIGKILL");
  await until("host and FFmpeg are gone", () => stillRunning([host, ffmpeg]).length === 0, 3_000);
  expect(await isPortOpen(started.local_server_port)).toBe(false);
  await expect(browser.startStream()).rejects.toMatchObject({ name: "FlyBrowserError", code: "tab_not_found" });
  await until("the viewer no longer says Live", async () => (await viewer.word()) === "Reconnecting");
});
