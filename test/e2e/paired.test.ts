// What a paired site can do in real Chromium, and another extension: stream and record its own tab, and learn of nothing else.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EXTENSION_ID } from "../../protocol/version.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type ApiWindow, answer, callApi, prompt } from "./harness/pairing.ts";
import { openStage, type PairingStage } from "./harness/pairing-stage.ts";
import { until } from "./harness/until.ts";

let stage: PairingStage;
let sites: PairingStage["sites"];
let browser: Browser;
const open = (url: string) => stage.open(url);
const revoke = (origin: string) => stage.revoke(origin);
let flybrowser: FlyBrowser;

const folder = mkdtempSync(join(tmpdir(), "paired-test-"));
const before = {
  XDG_VIDEOS_DIR: process.env.XDG_VIDEOS_DIR,
  FLYBROWSER_RECORDINGS_DIR: process.env.FLYBROWSER_RECORDINGS_DIR,
};

/** Another extension that may be asked to send messages; gives its folder. */
function anotherExtension(): string {
  const own = join(folder, "another-extension");
  mkdirSync(own);
  const manifest = { manifest_version: 3, name: "Another", version: "1", background: { service_worker: "worker.js" } };
  writeFileSync(join(own, "manifest.json"), JSON.stringify({ ...manifest, permissions: ["tabs"] }));
  // Chrome stops a worker that is idle for 30 s, and a stopped one can't be found.
  writeFileSync(join(own, "worker.js"), "setInterval(() => chrome.runtime.getPlatformInfo(), 20_000);");
  return own;
}

beforeAll(async () => {
  process.env.XDG_VIDEOS_DIR = join(folder, "videos");
  process.env.FLYBROWSER_RECORDINGS_DIR = join(folder, "notes");
  const other = anotherExtension();
  const { puppeteer: options } = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const args = options.args?.map((arg) => (arg.startsWith("--load-extension=") ? `${arg},${other}` : arg)) ?? [];
  stage = await openStage(() => puppeteer.launch({ ...options, args }));
  ({ sites, browser } = stage);
  flybrowser = await FlyBrowser.attach((await browser.pages())[0] ?? (await browser.newPage()));
});

afterAll(async () => {
  await flybrowser?.close();
  await stage?.close();
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => stage.tidy());

/** Waits until the viewers of a stream are told that it has ended. */
async function ended(player_url: string): Promise<void> {
  await until("the stream has ended", async () => {
    const answer = await fetch(new URL("state", player_url));
    return answer.status === 404 || ((await answer.json()) as { state: string }).state === "stopped";
  });
}

describe("a paired site", () => {
  test("streams its own tab until it leaves, and others learn nothing of it", async () => {
    const page = await open(sites[0].url("/"));
    const paired = callApi(page, "pair", { purpose: "Show you what I do" });
    await answer(browser, "always");
    expect(await paired).toEqual({ ok: { paired: true, scope: "always" } });
    expect(await callApi(page, "pair")).toEqual({ ok: { paired: true, scope: "always" } });

    const started = await callApi(page, "startStream", { quality: "medium" });
    expect(started).toMatchObject({ ok: { status: "active", quality: "medium" } });
    expect(await callApi(page, "startStream")).toMatchObject({ code: "stream_already_active" });
    const { player_url, stream_id } = (started as { ok: { player_url: string; stream_id: string } }).ok;
    expect((await fetch(player_url)).status).toBe(200);
    expect(await callApi(page, "getStreamStatus")).toMatchObject({
      ok: { active: true, stream_id, status: { player_url } },
    });

    // The same site in another tab is paired too, and has a tab of its own.
    const elsewhere = await open(sites[0].url("/second"));
    expect(await callApi(elsewhere, "getStreamStatus")).toEqual({
      ok: { active: false, is_streaming: false, error: "No active stream" },
    });
    expect(await callApi(elsewhere, "stopStream")).toMatchObject({ ok: { success: false } });

    await page.goto(sites[0].url("/second"));
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ ok: { active: true, stream_id } });
    await page.goto(sites[1].url("/"));
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    await ended(player_url);
    await revoke(sites[0].origin);
  });

  test("marks its tasks and records, and learns nothing of the disk", async () => {
    const page = await open(sites[0].url("/"));
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    await paired;
    // Without a stream the work is done all the same, unmarked.
    const unmarked = () =>
      page.evaluate(() => (window as unknown as ApiWindow).flybrowser.task("a", (at) => at.task_id));
    expect(await unmarked()).toBe(null);
    // Recorded without a stream: nobody can see it, and the page is told no place on the disk.
    expect(await callApi(page, "startRecording")).toMatchObject({
      ok: { status: "recording", file_path: expect.stringMatching(/^[^/\\]+\.mp4$/) },
    });
    expect(await callApi(page, "startRecording")).toMatchObject({ code: "recording_already_active" });
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ ok: { active: false } });
    expect(await unmarked()).toMatch(/^task_/); // a chapter of the recording
    expect(await callApi(page, "stopStream")).toMatchObject({ ok: { success: false } });
    expect(await callApi(page, "stopRecording")).toMatchObject({ ok: { format: "mp4" } });

    expect(await callApi(page, "startStream", { quality: "low_bandwidth" })).toMatchObject({
      ok: { status: "active" },
    });
    const failure = await page.evaluate(async () => {
      const { flybrowser } = window as unknown as ApiWindow;
      const task = await flybrowser.beginTask("By hand", { detail: "first" });
      await flybrowser.endTask(task.task_id);
      return flybrowser
        .task("Outer", async ({ note, task }) => {
          note("half way");
          await task("Inner", () => 1);
          throw new Error("no seats left");
        })
        .catch((error: Error) => error.message);
    });
    expect(failure).toBe("no seats left");
    const status = await callApi(page, "getStreamStatus");
    const { tasks } = (status as { ok: { status: { tasks: { task_id: string }[] } } }).ok.status;
    expect(tasks).toMatchObject([
      { name: "By hand", state: "done", detail: "first" },
      { name: "Outer", state: "failed", detail: "no seats left", parent_id: null },
      { name: "Inner", state: "done", parent_id: tasks[1]?.task_id },
    ]);

    const recording = await callApi(page, "startRecording", { format: "mp4" });
    expect(recording).toMatchObject({
      ok: { status: "recording", file_path: expect.stringMatching(/^[^/\\]+\.mp4$/) },
    });
    const told = (await callApi(page, "getStreamStatus")) as { ok: { status: { recording: object } } };
    expect(told.ok.status.recording).toMatchObject({ file_path: expect.stringMatching(/^[^/\\]+\.mp4$/) });
    expect(await callApi(page, "stopRecording")).toMatchObject({
      ok: { file_path: expect.stringMatching(/^[^/\\]+\.mp4$/), format: "mp4" },
    });
    expect(readdirSync(join(folder, "videos"))).toHaveLength(2);
    expect(await callApi(page, "stopStream")).toMatchObject({ ok: { success: true } });
    await revoke(sites[0].origin);
  });

  test("loses its stream when the user takes the permission back", async () => {
    const page = await open(sites[1].url("/"));
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    await paired;
    const other = await open(sites[1].url("/"));
    expect(await callApi(other, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    await page.bringToFront();
    const started = await callApi(page, "startStream", { quality: "low_bandwidth" });
    const { player_url } = (started as { ok: { player_url: string } }).ok;
    await revoke(sites[1].origin);
    expect(await callApi(page, "stopStream")).toMatchObject({ code: "not_paired" });
    await ended(player_url);
  });

  test("works under a strict content security policy", async () => {
    const page = await open(sites[1].url("/strict"));
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    expect(await paired).toEqual({ ok: { paired: true, scope: "once" } });
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ ok: { active: false } });
    await revoke(sites[1].origin);
  });

  test("sees the stream of the user in its tab, but not its links", async () => {
    await flybrowser.goto(sites[2].url("/"));
    const { page } = flybrowser;
    await page.bringToFront();
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    await paired;
    const started = await flybrowser.startStream({ quality: "low_bandwidth" });
    const token = new URL(started.player_url).pathname.split("/")[3] ?? "";
    expect(token.length).toBeGreaterThan(20);
    const status = await callApi(page, "getStreamStatus");
    expect(status).toMatchObject({ ok: { active: true, stream_id: started.stream_id, status: { hls_url: null } } });
    expect(JSON.stringify(status)).not.toContain(token);
    await page.goto(sites[0].url("/"));
    expect(await flybrowser.getStreamStatus()).toMatchObject({ active: true });
    await flybrowser.stopStream();
    await revoke(sites[2].origin);
  });
});

test("another extension pairs by its id, and names its tab", async () => {
  const page = await open(sites[1].url("/second"));
  const target = await browser.waitForTarget((target) => target.url().endsWith("/worker.js"));
  const worker = await target.worker();
  if (!worker) throw new Error("the other extension has no worker");
  const send = (message: unknown): Promise<unknown> =>
    worker.evaluate((id, message) => chrome.runtime.sendMessage(id, message), EXTENSION_ID, message);
  const tabs = await worker.evaluate(async (url) => chrome.tabs.query({ url }), sites[1].url("/second"));
  const tab_id = tabs[0]?.id;

  expect(await send({ method: "getStreamStatus", tab_id })).toMatchObject({
    ok: false,
    error: { code: "not_paired" },
  });
  expect(await send({ method: "getStreamStatus" })).toMatchObject({ error: { code: "invalid_option" } });
  expect(await send({ method: "listTabs" })).toMatchObject({ error: { code: "invalid_option" } });
  expect(await send({ method: "pair", tab_id: 99_999 })).toMatchObject({ error: { code: "tab_not_found" } });
  const paired = send({ method: "pair", params: { purpose: "Help" } });
  expect(await (await prompt(browser)).$eval(".host", (host) => host.textContent)).toBe(new URL(target.url()).host);
  await answer(browser, "once");
  expect(await paired).toEqual({ id: 0, ok: true, result: { paired: true, scope: "once" } });
  const started = await send({ method: "startStream", params: { options: { quality: "low_bandwidth" } }, tab_id });
  expect(started).toMatchObject({ ok: true, result: { status: "active" } });
  await page.goto(sites[2].url("/"));
  expect(await send({ method: "getStreamStatus", tab_id })).toMatchObject({ result: { active: true } });
  expect(await send({ method: "stopStream", tab_id })).toMatchObject({ result: { success: true } });
});
