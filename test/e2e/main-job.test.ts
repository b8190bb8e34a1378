// The main job, for real: a tab with picture and sound, watched over HLS, and nothing left of it afterwards.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { PACE, paced } from "../fixtures/pace.ts";
import { descendants, isPortOpen, profilesOf, stillRunning } from "./harness/leftovers.ts";
import { probe, soundLevel, watchPattern } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => {
  await pages.close();
});

test("a tab is live with picture and sound, and leaves nothing behind", async () => {
  const before = profilesOf(process.pid); // of other files' browsers, which go with this process
  const browser = await FlyBrowser.launch();
  let port = 0;
  let children: number[] = [];
  try {
    await browser.goto(pages.url("pattern.html"));
    const began = performance.now();
    const started = await browser.startStream({ quality: "medium" });
    const seconds = (performance.now() - began) / 1000;
    port = started.local_server_port;
    children = descendants(process.pid).map(({ pid }) => pid);
    expect(started).toMatchObject({ status: "active", width: 1280, height: 720, encoder: "passthrough" });
    expect(seconds).toBeLessThan(paced(5));

    const hls = started.hls_url ?? "";
    const streams = await probe(hls);
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(["aac", "h264"]);
    expect(streams.find(({ codec_type }) => codec_type === "video")).toMatchObject({ width: 1280, height: 720 });

    const watched = await watchPattern(hls, 10);
    expect(watched.frames.length).toBeGreaterThan(0.98 * watched.pictures);
    expect(watched.distinct_rate).toBeGreaterThan(24 / PACE);
    expect((await soundLevel(hls, 3)).peak).toBeGreaterThan(-20);

    expect(await browser.getStreamStatus()).toMatchObject({ active: true, is_streaming: true, dropped_frames: 0 });
    expect(await browser.stopStream()).toMatchObject({ success: true, stream_id: started.stream_id });
    expect(await browser.getStreamStatus()).toMatchObject({ active: false, error: "No active stream" });
  } finally {
    await browser.close();
  }
  await until("no process is left", () => stillRunning(children).length === 0);
  expect(await isPortOpen(port)).toBe(false);
  expect(profilesOf(process.pid)).toEqual(before);
});
