// Start, stop, start, twenty times: at once each time, and nothing is left behind. By /proc: Linux only.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser, type StartStreamOptions } from "../../sdk/index.ts";
import { ffmpegsOf, hostOf } from "../e2e/harness/chain.ts";
import { descendants, profilesOf } from "../e2e/harness/leftovers.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

const ROUNDS = 20;
/** What a round may be; one after the other. */
const KINDS: readonly StartStreamOptions[] = [
  { quality: "medium" },
  { quality: "low_bandwidth", audio: false },
  { codec: "vp9", protocol: "dash", quality: "medium" },
  { width: 480, height: 480, quality: "medium" },
  { codec: "h265", width: 320, height: 180, quality: "low_bandwidth" },
];

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

/** What one browser holds of the machine. */
function held(pid: number) {
  const host = hostOf(pid)?.pid ?? 0;
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host}/status`, "utf8"))?.[1];
  return {
    host,
    processes: descendants(pid).length,
    ffmpegs: ffmpegsOf(pid).length,
    files: readdirSync(`/proc/${host}/fd`).length,
    mebibytes: Math.round(Number(rss) / 1024),
  };
}

test(`${ROUNDS} streams one after the other`, async () => {
  const pid = browser.page.browser().process()?.pid ?? 0;
  const ids = new Set<string>();
  const took: number[] = [];
  let first: ReturnType<typeof held> | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const started = await browser.startStream(KINDS[round % KINDS.length]);
    took.push(performance.now() - began);
    ids.add(started.stream_id);
    expect(started.status).toBe("active");
    expect((await fetch(started.stream_url)).status).toBe(200);
    expect(await browser.stopStream()).toMatchObject({ success: true, stream_id: started.stream_id });
    expect(await browser.stopStream()).toEqual({ success: false, error: "No active stream" });
    if (round === KINDS.length - 1) first = await settled(pid); // each kind has been there once
  }
  const last = await settled(pid);
  console.info(`starts took ${took.map((ms) => (ms / 1000).toFixed(1)).join(" ")} s`, first, last);
  expect(ids.size).toBe(ROUNDS);
  expect(last.host).toBe(first?.host);
  expect(last.ffmpegs).toBe(0);
  expect(last.processes).toBeLessThanOrEqual((first?.processes ?? 0) + 2); // Chromium's own come and go
  expect(last.files).toBeLessThanOrEqual((first?.files ?? 0) + 2);
  expect(profilesOf(process.pid)).toHaveLength(1);
});

/** What is held once no FFmpeg is left, and the ended streams are forgotten. */
async function settled(pid: number) {
  await until("no FFmpeg to be left", () => ffmpegsOf(pid).length === 0, 30_000);
  return held(pid);
}
