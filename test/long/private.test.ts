// Private time and masks at length: parts that die meanwhile, a start in the middle of it, without a loss, by Playwright.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type LiveMessage, type LiveTrack, readObject } from "../../protocol/live-messages.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { actMasked, expectMasked } from "../e2e/harness/masked.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { picturesOf, type Shown, soundOf, stretches } from "../e2e/harness/secret.ts";
import { beepDelay } from "../e2e/harness/sync.ts";
import { until } from "../e2e/harness/until.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";
import { record } from "../fixtures/rtmp/pull.ts";

let pages: Pages;
let folder: string;
beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "private-test-"));
});
afterAll(async () => {
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
declare const secret: (on: boolean) => void;

/** The secret comes after the last neutral picture or silence, and does come. */
function expectHidden(shown: readonly Shown[], what: string): void {
  const story = stretches(shown)
    .map(({ shown, count }) => `${count} ${shown}`)
    .join(", ");
  expect(shown.filter((each) => each === "neutral").length, `${what}: ${story}`).toBeGreaterThan(10);
  expect(shown.indexOf("secret"), `${what}: ${story}`).toBeGreaterThan(shown.lastIndexOf("neutral"));
}

async function expectHiddenIn(path: string): Promise<void> {
  expectHidden(await picturesOf(path, 120), `${path}, picture`);
  expectHidden(await soundOf(path, 120), `${path}, sound`);
}

test("a host that is killed, a capture that is lost: what is private stays so, and comes back with its end", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    const { page } = browser;
    const chrome = page.browser();
    await browser.goto(pages.url("secret.html"));
    await browser.startStream({ quality: "medium" });
    const path = join(folder, "deaths.mp4");
    await browser.startRecording({ path });
    const isActive = async () => {
      const { status } = await browser.getStreamStatus();
      return status?.state === "active" && status;
    };
    await browser.private(async () => {
      await page.evaluate(() => secret(true));
      await seconds(0.5);
      process.kill(hostOf(chrome.process()?.pid ?? 0)?.pid ?? 0, "SIGKILL");
      await seconds(1);
      expect(await until("the next host", isActive, 20_000)).toMatchObject({ private: true });
      const worker = await chrome.waitForTarget((target) => target.type() === "service_worker");
      await (await worker.worker())?.evaluate("chrome.offscreen.closeDocument()");
      await seconds(1);
      expect(await until("the next capture", isActive, 20_000)).toMatchObject({ private: true });
      await seconds(1);
      await page.evaluate(() => secret(false));
    });
    await seconds(1);
    await page.evaluate(() => secret(true));
    await seconds(1);
    const { file_path } = await browser.stopRecording();
    await expectHiddenIn(file_path);
  } finally {
    await browser.close();
  }
}, 120_000);

test("what begins in the middle of private time begins hidden, with another encoder too", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    const { page } = browser;
    await browser.goto(`${pages.url("secret.html")}#secret`);
    for (const quality of ["medium", "lossless"] as const) {
      const path = join(folder, `${quality}.mp4`);
      await browser.private(async () => {
        await page.evaluate(() => secret(true));
        await browser.startStream({ quality });
        await browser.startRecording({ path });
        await seconds(1);
        await page.evaluate(() => secret(false));
      });
      await seconds(1);
      await page.evaluate(() => secret(true));
      await seconds(1);
      await browser.stopRecording();
      await browser.stopStream();
      await expectHiddenIn(path);
    }
  } finally {
    await browser.close();
  }
}, 120_000);

test("RTMP, DASH, a rung, the poster and a clip: nothing of it is in any of them", async () => {
  const cleanup = new Cleanup();
  const key = testKey();
  const server = await startRtmpServer(cleanup, key);
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    const { page } = browser;
    await browser.goto(pages.url("secret.html"));
    const rtmp_url = `rtmp://127.0.0.1:${server.port}/keyed`;
    const stream = await browser.startStream({ quality: "medium", protocol: "rtmp", rtmp_url, rtmp_key: key });
    const pulled = record(`${rtmp_url}/${key}`, folder, 9);
    const at = (file: string) => new URL(file, stream.hls_url ?? "").href;
    const rungs = /^\S+\.m3u8/gm;
    const names = [...(await (await fetch(stream.hls_url ?? "")).text()).matchAll(rungs)].map(([name]) => name);
    const rung = names.find((name) => !name.startsWith("video") && !name.startsWith("audio")) ?? "";
    const read = setInterval(() => void fetch(at(rung)).catch(() => {}), 500);
    cleanup.add(() => clearInterval(read));
    await seconds(2);
    let poster = Buffer.alloc(0);
    await browser.private(async () => {
      await page.evaluate(() => secret(true));
      await seconds(2);
      poster = Buffer.from(await (await fetch(at("poster.jpg"))).arrayBuffer());
      await page.evaluate(() => secret(false));
    });
    await seconds(1);
    await page.evaluate(() => secret(true));
    await seconds(1.5);
    const { file_path } = await browser.clip({ seconds: 20 });
    const picture = join(folder, "poster.jpg");
    writeFileSync(picture, poster);
    expect(await picturesOf(picture, 1)).toEqual(["neutral"]);
    const flv = await pulled;
    await browser.stopStream();
    await expectHiddenIn(file_path);
    rmSync(file_path);
    await expectHiddenIn(flv);
    await expectHiddenIn(stream.dash_url ?? "");
    expectHidden(await picturesOf(at(rung), 120, ["-live_start_index", "0"]), "a rung");
  } finally {
    await browser.close();
    await cleanup.run();
  }
}, 120_000);

test.each(["medium", "ultra_low_latency"] as const)(
  "the live engine at %s: nothing of it comes by its socket",
  async (quality) => {
    const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
    try {
      const { page } = browser;
      await browser.goto(pages.url("secret.html"));
      const { live_url } = await browser.startStream({ quality });
      const [tracks, payloads] = [new Map<number, LiveTrack>(), new Map<number, Uint8Array[]>()];
      const socket = new WebSocket(live_url ?? "");
      socket.binaryType = "arraybuffer";
      socket.on("message", (data, binary) => {
        if (binary) {
          const { track_alias, payload } = readObject(data as ArrayBuffer);
          payloads.set(track_alias, [...(payloads.get(track_alias) ?? []), payload]);
          return;
        }
        const message = JSON.parse(String(data)) as LiveMessage;
        if (message.type === "run") for (const track of message.tracks) tracks.set(track.track_alias, track);
      });
      await until("media", () => tracks.size === 2 && [...tracks.keys()].every((each) => payloads.has(each)), 20_000);
      await browser.private(async () => {
        await page.evaluate(() => secret(true));
        await seconds(1.5);
        await page.evaluate(() => secret(false));
      });
      await seconds(1);
      await page.evaluate(() => secret(true));
      await seconds(1.5);
      socket.terminate();
      expect(tracks.size).toBe(2); // one run
      for (const { track_alias, kind, init } of tracks.values()) {
        const file = join(folder, `live-${quality}-${kind}.mp4`);
        writeFileSync(file, Buffer.concat([Buffer.from(init, "base64"), ...(payloads.get(track_alias) ?? [])]));
        const shown = kind === "video" ? await picturesOf(file, 60) : await soundOf(file, 60);
        expectHidden(shown, `${quality}, ${kind}`);
      }
    } finally {
      await browser.close();
    }
  },
);

test("sound and picture are in step after private time as before it", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    await browser.startStream({ quality: "medium" });
    const paths = ["before", "after"].map((name) => join(folder, `${name}.mp4`));
    const [before = "", after = ""] = paths;
    await browser.startRecording({ path: before });
    await seconds(6);
    await browser.stopRecording();
    await browser.startRecording({ path: after });
    await browser.private(() => seconds(3));
    await browser.private(() => seconds(1));
    await seconds(6);
    await browser.stopRecording();
    const delays = [await beepDelay(before, 60, folder), await beepDelay(after, 60, folder)];
    expect(Math.abs((delays[1] ?? 1) - (delays[0] ?? 0)), delays.join(", ")).toBeLessThan(0.04);
  } finally {
    await browser.close();
  }
}, 120_000);

test("a stream that follows: what another tab shows in private time isn't seen, nor after it", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    const { page } = browser;
    await browser.goto(pages.url("secret.html"));
    await browser.startStream({ quality: "medium", follow: "active" });
    const path = join(folder, "follow.mp4");
    await browser.startRecording({ path });
    await seconds(1);
    await browser.private(async () => {
      const other = await page.browser().newPage();
      await other.goto(`${pages.url("secret.html")}#secret`);
      await seconds(3);
      await other.goto(pages.url("secret.html"));
    });
    await seconds(1);
    await page.bringToFront();
    await seconds(1);
    await page.evaluate(() => secret(true));
    await seconds(1.5);
    await browser.stopRecording();
    await expectHiddenIn(path);
  } finally {
    await browser.close();
  }
}, 120_000);

test("Playwright: what is masked is in no picture", async () => {
  const options = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 480 } });
  const context = await chromium.launchPersistentContext(options.user_data_dir, options.playwright);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const browser = await FlyBrowser.attach(page);
    await page.goto(pages.url("mask.html"));
    const { hls_url } = await browser.startStream({ quality: "medium", renditions: "source", mask: [".card"] });
    await actMasked(page, pages);
    await browser.stopStream();
    await expectMasked(hls_url);
  } finally {
    await context.close();
  }
});
