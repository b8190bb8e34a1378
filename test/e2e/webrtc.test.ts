// Viewing by WebRTC, for real: a standard WHEP client of another origin, our player, the limit, and viewers that
// leave in every way without a trace. One browser for the whole file; the tests follow one another.
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { StartStreamResult, StreamInfo } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until as untilWithin } from "./harness/until.ts";
import { countPictures, openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";
import { WhepViewer } from "./harness/whep-viewer.ts";

const LIMIT = 2;
/** ms; a busy machine takes seconds for what a quiet one does at once. */
const PATIENCE = 30_000;
/** ms in which a viewer that vanished is noticed: twice 5 s of silence, and some patience. */
const NOTICED = 25_000;

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let client: WhepViewer;
let viewer: Viewer;

const until: typeof untilWithin = (what, look, timeout = PATIENCE) => untilWithin(what, look, timeout);

async function info(): Promise<StreamInfo> {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status;
}

const viewers = async (): Promise<number> => (await info()).viewer_count;
const untilViewers = (count: number, timeout?: number) =>
  until(`${count} viewers`, async () => (await viewers()) === count, timeout);

/** Looks at the connections of the capturing document that aren't closed, found in its memory. */
async function inDocument<T>(look: (connections: RTCPeerConnection[]) => T): Promise<Awaited<T>> {
  const target = browser.page
    .browser()
    .targets()
    .find((one) => one.url().endsWith("/offscreen/index.html"));
  if (!target) throw new Error("there is no capturing document");
  const page = await target.asPage();
  const prototype = await page.evaluateHandle(() => RTCPeerConnection.prototype);
  const all = await page.queryObjects(prototype);
  const open = await all.evaluateHandle((connections: RTCPeerConnection[]) =>
    connections.filter(({ signalingState }) => signalingState !== "closed"),
  );
  return open.evaluate(look);
}

const openConnections = (): Promise<number> => inDocument((open) => open.length);

/** What is encoded for viewers by WebRTC, by kind. */
const encodings = (): Promise<string[]> =>
  inDocument(async (open) => {
    const kinds: string[] = [];
    for (const connection of open) {
      (await connection.getStats()).forEach(({ type, kind }) => {
        if (type === "outbound-rtp") kinds.push(kind);
      });
    }
    return kinds.sort();
  });

/** The relay's connection is kept for some seconds. */
const untilNoConnection = () => until("no connection is left", async () => (await openConnections()) === 0);

const whepUrl = (): string => started.whep_url ?? "";

beforeAll(async () => {
  vi.stubEnv("FLYBROWSER_WEBRTC_VIEWERS", String(LIMIT));
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "ultra_low_latency" });
  client = await WhepViewer.open(pages.url("form.html"));
});

afterEach(() => untilViewers(0, NOTICED));

afterAll(async () => {
  await viewer?.close();
  vi.unstubAllEnvs();
  await client?.close();
  await browser?.close();
  await pages?.close();
});

test("a standard WHEP client of another origin gets picture and sound, and leaves by DELETE", async () => {
  expect(started.whep_url).toBe(started.player_url.replace(/player$/, "whep"));
  const { status, index, session, etag, link } = await client.connect(whepUrl());
  expect(status).toBe(201);
  expect(etag).toMatch(/^"[\w-]{22}"$/);
  expect(link).toBeNull();
  expect(session).toMatch(/\/whep\/viewer_[\w-]{24}$/);
  const stats = await until("pictures and sound", async () => {
    const now = await client.stats(index);
    return now.frames > 60 && now.audio_energy > 0 && now;
  });
  expect(stats).toMatchObject({ connection: "connected", width: 640, codec: "video/H264" });
  await untilViewers(1);
  expect(await openConnections()).toBe(1);
  expect(await client.leave(index, session ?? "")).toBe(200);
  await untilViewers(0);
  expect((await fetch(session ?? "", { method: "DELETE" })).status).toBe(404);
});

test("viewers share one encoding, and the sound of it", async () => {
  const [one, two] = await Promise.all([client.connect(whepUrl()), client.connect(whepUrl())]);
  for (const { index } of [one, two]) {
    await until("pictures and sound", async () => {
      const { frames, audio_energy } = await client.stats(index);
      return frames > 10 && audio_energy > 0;
    });
  }
  await untilViewers(1); // who is told apart by address and browser
  expect(await encodings()).toEqual(["audio", "video"]);
  for (const { index, session } of [one, two]) await client.leave(index, session ?? "");
});

test("candidates may follow the offer", async () => {
  const { status, index, session } = await client.connect(whepUrl(), { trickle: true });
  expect(status).toBe(201);
  await until("pictures", async () => (await client.stats(index)).frames > 10);
  await client.leave(index, session ?? "");
});

test("the player takes WebRTC first, tells its latency, and says goodbye", async () => {
  viewer = await openViewer(started.player_url);
  await untilPlays(viewer);
  expect(await viewer.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe("webrtc");
  expect(await viewer.word()).toBe("Live");
  await viewer.page.keyboard.press("i");
  const stats = () => viewer.page.$eval(".stats", (list) => list.textContent ?? "");
  const latency = await until("a latency", async () => /Latency(\d+) ms/.exec(await stats())?.[1]);
  expect(Number(latency)).toBeGreaterThan(5);
  expect(Number(latency)).toBeLessThan(1_000);
  expect(await viewers()).toBe(1);
  expect(viewer.requests.some((url) => url.endsWith(".m3u8"))).toBe(false);
  await viewer.page.goto("about:blank");
  await untilViewers(0);
  await untilNoConnection();
});

// What our player does then: test/long/webrtc-relay.test.ts.
test("who finds no place is told so", async () => {
  const taken = await Promise.all([client.connect(whepUrl()), client.connect(whepUrl())]);
  expect(taken.map(({ status }) => status)).toEqual([201, 201]);
  const refused = await client.connect(whepUrl());
  expect(refused).toMatchObject({ status: 503, retry_after: "10" });
  expect(JSON.parse(refused.body)).toMatchObject({ code: "viewers_full", status: 503 });
  for (const { index, session } of taken) await client.leave(index, session ?? "");
});

test("the stream ends: the player says so, and the address is gone", async () => {
  await viewer.page.goto(started.player_url);
  await countPictures(viewer.page);
  await untilPlays(viewer);
  await browser.stopStream();
  await until("the player says Ended", async () => (await viewer.word()) === "Ended");
  expect((await client.connect(whepUrl())).status).toBe(404);
  await viewer.page.goto("about:blank");
  started = await browser.startStream({ quality: "ultra_low_latency" }); // for the look at its viewers afterwards
});
