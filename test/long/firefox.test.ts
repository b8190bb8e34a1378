// The player in Firefox (firefox-esr, or FLYBROWSER_FIREFOX), driven by WebDriver BiDi: every way of viewing plays and stays live; by touch
// at a phone's size; inside a page of the internet.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite } from "../../bench/clients/site.ts";
import { sleep } from "../../protocol/async.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

const FIREFOX = {
  browser: "firefox",
  executablePath: process.env.FLYBROWSER_FIREFOX ?? "/usr/bin/firefox-esr",
} as const;

/** ms; longer than a stall takes to make the player replace its engine. */
const WATCHED = 15_000;

let pages: Pages;
let browser: FlyBrowser;
let firefox: Browser;
let started: StartStreamResult;

beforeAll(async () => {
  pages = await servePages();
  firefox = await puppeteer.launch(FIREFOX);
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "ultra_low_latency" });
});

afterAll(async () => {
  await firefox?.close();
  await browser?.close();
  await pages?.close();
});

const badge = async (page: Page) => (await page.$eval(".badge", (element) => element.textContent ?? "")).trim();
const protocolOf = (page: Page) => page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"));

test.each(["webrtc", "live", "ll-hls", "hls", "dash"])("%s plays, and stays live", async (protocol) => {
  const page = await firefox.newPage();
  await page.goto(`${started.player_url}?protocol=${protocol}`);
  await until("video", async () => (await page.$eval("video", ({ videoWidth }) => videoWidth)) > 0, 30_000);
  await until("the live edge", async () => (await badge(page)) === "Live", 30_000);
  const words = new Set<string>();
  const before = await page.$eval("video", ({ currentTime }) => currentTime);
  for (let waited = 0; waited < WATCHED; waited += 500) {
    await sleep(500);
    words.add(await badge(page));
  }
  expect([...words]).toEqual(["Live"]);
  expect((await page.$eval("video", ({ currentTime }) => currentTime)) - before).toBeGreaterThan(WATCHED / 1_000 - 3);
  expect(await protocolOf(page)).toBe(protocol);
  await page.close();
});

// With max-bundle, as most WHEP clients have it, Firefox gives all sections but the first port 0, with a=bundle-only.
test.each([
  ["video", "audio"],
  ["audio", "video"],
])("a WHEP client gets picture and sound, whichever it asks for first: %s", async (...kinds) => {
  const page = await firefox.newPage();
  await page.goto(started.player_url);
  const received = () =>
    page.evaluate(async () => {
      const { client } = globalThis as unknown as { client: RTCPeerConnection };
      const reports = [...(await client.getStats()).values()].filter(({ type }) => type === "inbound-rtp");
      return reports.filter(({ packetsReceived }) => packetsReceived > 0).map(({ kind }) => String(kind));
    });
  const offer = await page.evaluate(
    async (endpoint, wanted) => {
      const client = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
      for (const kind of wanted) client.addTransceiver(kind, { direction: "recvonly" });
      await client.setLocalDescription();
      const gathered = () => client.iceGatheringState === "complete";
      while (!gathered())
        await new Promise((resolve) => client.addEventListener("icegatheringstatechange", resolve, { once: true }));
      const sdp = client.localDescription?.sdp ?? "";
      const answer = await fetch(endpoint, {
        method: "POST",
        headers: { "content-type": "application/sdp" },
        body: sdp,
      });
      await client.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      Object.assign(globalThis, { client });
      return sdp;
    },
    started.whep_url ?? "",
    kinds,
  );
  expect(offer).toMatch(/^m=\w+ 0 [\s\S]*^a=bundle-only/m);
  await until("picture and sound", async () => new Set(await received()).size === 2, 30_000);
  await page.close();
});

test("at a phone's size, by touch: a tap shows the controls and hides them, the buttons do what they say", async () => {
  const page = await firefox.newPage();
  await page.setViewport({ width: 390, height: 844 });
  await page.goto(`${started.player_url}?protocol=ll-hls`);
  await until("the live edge", async () => (await badge(page)) === "Live", 30_000);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  const controls = () => page.$eval(".stage", (stage) => stage.getAttribute("data-controls"));
  await until("the controls to hide", async () => (await controls()) === "false");
  await page.tap(".video");
  await until("the controls", async () => (await controls()) === "true");
  await page.tap(".video");
  await until("the controls to hide", async () => (await controls()) === "false");
  expect(await page.$eval("video", ({ paused }) => paused)).toBe(false);
  await page.tap(".unmute-button");
  await until("the sound", () => page.$eval("video", ({ muted }) => !muted));
  await page.tap(".video");
  await page.tap(".buttons .button");
  await until("a pause", () => page.$eval("video", ({ paused }) => paused));
  await page.tap(".buttons .button");
  await until("the live edge again", async () => (await badge(page)) === "Live", 30_000);
  await page.close();
});

test.each([
  [true, 1],
  [false, 2],
])("inside a page of the internet it plays with the viewer's leave, and only so: %s", async (leave, permission) => {
  const site = await serveSite();
  const url = site.embed(started.player_url, "ll-hls");
  const other = await puppeteer.launch({
    ...FIREFOX,
    extraPrefsFirefox: {
      "network.lna.address_space.public.override": new URL(url).host,
      "permissions.default.loopback-network": permission,
    },
  });
  try {
    const page = await other.newPage();
    const failed: string[] = [];
    page.on("requestfailed", (request) => failed.push(request.failure()?.errorText ?? ""));
    await page.goto(url);
    const frame = () => page.frames().find((each) => each.url().startsWith(started.player_url));
    const time = async () => (await frame()?.$eval("video", ({ currentTime }) => currentTime)) ?? 0;
    if (leave) await until("it to play", async () => (await time().catch(() => 0)) > 1, 30_000);
    else await until("it to be refused", () => failed.includes("NS_ERROR_LOCAL_NETWORK_ACCESS_DENIED"));
  } finally {
    await other.close();
    await site.close();
  }
});
