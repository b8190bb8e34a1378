// Every size of the example in the real chain: a page that keeps still, as software can encode 4K of it.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { streamFor } from "../../examples/sizes.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { probe } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("static.html"));
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
  vi.restoreAllMocks();
});

test.each([
  ["small", /^640×360 at 30 fps/],
  ["low_bandwidth", /^640×360 at 15 fps, passthrough$/],
  ["local_network", /^640×360 at 60 fps, passthrough$/],
  ["monitoring", /^640×360 at 30 fps, passthrough$/],
  ["silent", /^640×360 at 30 fps, passthrough$/],
  ["custom_size", /^1920×1080 at 60 fps, /],
  ["four_k", /^3840×2160 at 30 fps, /],
] as const)("%s is live in its size", async (situation, size) => {
  expect(await streamFor(browser, situation)).toMatch(size);
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  const { width, height, hls_url } = status.status;
  const picture = (await probe(hls_url ?? "")).find(({ codec_type }) => codec_type === "video");
  expect(picture).toMatchObject({ width, height });
  await browser.stopStream();
});
