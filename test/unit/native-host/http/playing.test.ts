import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { feed, feedWhole, makeRun } from "../packager/media.ts";
import { startServer, type TestServer, TestStream, TOKEN } from "./viewing-stream.ts";

let http: TestServer;

beforeEach(async () => {
  http = await startServer();
});
afterEach(() => http.close());

interface Decoded {
  video: number;
  /** s */
  audio: number;
}

/** Reads the whole stream over HTTP with FFmpeg, decoding it: frames of picture, seconds of sound. */
async function decode(url: string): Promise<Decoded> {
  const args = [
    "-v",
    "error",
    "-count_frames",
    "-show_entries",
    "stream=codec_type,nb_read_frames",
    "-of",
    "json",
    "-live_start_index",
    "0",
    url,
  ];
  const { stdout, stderr } = await promisify(execFile)("ffprobe", args, { timeout: 30_000 });
  expect(stderr).toBe("");
  const { streams } = JSON.parse(stdout) as { streams: { codec_type: string; nb_read_frames: string }[] };
  const frames = (type: string) => Number(streams.find(({ codec_type }) => codec_type === type)?.nb_read_frames);
  return { video: frames("video"), audio: (frames("audio") * 1024) / 48_000 };
}

it("plays to FFmpeg whole: every frame and the sound", async () => {
  const stream = new TestStream();
  feedWhole(stream.packager, 0, await makeRun({ seconds: 5, offset: 0.2 }));
  stream.packager.end();
  http.shelf.add(stream);
  const { video, audio } = await decode(`${http.origin}/s/one/${TOKEN}/index.m3u8`);
  expect(video).toBe(150);
  expect(Math.abs(audio - 5)).toBeLessThan(0.1);
}, 40_000);

it("plays on across a new run", async () => {
  const stream = new TestStream();
  const [first, second] = await Promise.all([makeRun({ seconds: 3, offset: 0.2 }), makeRun({ seconds: 2, offset: 4 })]);
  feedWhole(stream.packager, 0, first);
  feedWhole(stream.packager, 1, second);
  stream.packager.end();
  http.shelf.add(stream);
  const { video, audio } = await decode(`${http.origin}/s/one/${TOKEN}/index.m3u8`);
  expect(video).toBe(150);
  expect(Math.abs(audio - 5)).toBeLessThan(0.15);
}, 40_000);

it("plays live: FFmpeg joins while it grows, and comes to its end", async () => {
  const stream = new TestStream();
  http.shelf.add(stream);
  const media = await makeRun({ seconds: 6, offset: 0.2 });
  const pieces = feed(stream.packager, 0, media, 60);
  while (!stream.packager.playable) pieces.next();
  const decoded = decode(`${http.origin}/s/one/${TOKEN}/index.m3u8`);
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
