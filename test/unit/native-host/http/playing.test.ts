// FFmpeg plays the HLS side.
import { afterEach, beforeEach, expect, it } from "vitest";
import { feed, feedWhole, makeRun } from "../packager/media.ts";
import { decode, startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

let http: TestServer;

beforeEach(async () => {
  http = await startServer();
});
afterEach(() => http.close());

it("plays to FFmpeg whole: every frame and the audio", async () => {
  const stream = new TestStream();
  feedWhole(stream.packager, 0, await makeRun({ seconds: 5, offset: 0.2 }));
  stream.packager.end();
  http.streams.add(stream);
  const { video, audio } = await decode(`${http.origin}/s/one/${TOKEN}/index.m3u8`, ["-live_start_index", "0"]);
  expect(video).toBe(150);
  expect(Math.abs(audio - 5)).toBeLessThan(0.1);
}, 40_000);

it("plays on across a new run", async () => {
  const stream = new TestStream();
  const [first, second] = await Promise.all([makeRun({ seconds: 3, offset: 0.2 }), makeRun({ seconds: 2, offset: 4 })]);
  feedWhole(stream.packager, 0, first);
  feedWhole(stream.packager, 1, second);
  stream.packager.end();
  http.streams.add(stream);
  const { video, audio } = await decode(`${http.origin}/s/one/${TOKEN}/index.m3u8`, ["-live_start_index", "0"]);
  expect(video).toBe(150);
  expect(Math.abs(audio - 5)).toBeLessThan(0.15);
}, 40_000);

it("plays live: FFmpeg joins while it grows, and comes to its end", async () => {
  const stream = new TestStream();
  http.streams.add(stream);
  const media = await makeRun({ seconds: 6, offset: 0.2 });
  const pieces = feed(stream.packager, 0, media, 60);
  while (!stream.packager.playable) pieces.next();
  const decoded = decode(`${http.origin}/s/one/${TOKEN}/index.m3u8`, ["-live_start_index", "0"]);
  await expect.poll(() => http.server.viewerCount("one")).toBe(1);
  // As it comes: a piece is a tenth of a second.
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!pieces.next().done) return;
      clearInterval(timer);
      stream.packager.end();
      resolve();
    }, 100);
  });
  expect(await decoded).toMatchObject({ video: 180 });
}, 40_000);
