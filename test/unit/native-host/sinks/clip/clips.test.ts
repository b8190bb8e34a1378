// What becomes of a clip that can't be made: an error that says why, and nothing left behind.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClippedStream, Clips } from "../../../../../native-host/sinks/clip/clips.ts";

const segment = { start: 0, end: 1000, run: 0, gap: false, bytes: 1, data: [Buffer.from("x")] };
const video = {
  rendition: { id: "video", type: "video", group: "video" },
  segments: [segment],
  initOf: () => ({ data: Buffer.from("i") }),
};
const stream = (renditions: object[] = [video]) =>
  ({
    ...{ url: "https://example.com/", title: "t", findTask: () => undefined, now: 1_000_500 },
    packager: { renditions, started_at: 1_000_000 },
  }) as unknown as ClippedStream;

let folder: string;
const before = process.env.XDG_VIDEOS_DIR;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "clips-test-"));
  process.env.XDG_VIDEOS_DIR = join(folder, "videos");
});
afterAll(() => {
  if (before === undefined) delete process.env.XDG_VIDEOS_DIR;
  else process.env.XDG_VIDEOS_DIR = before;
  rmSync(folder, { recursive: true, force: true });
});
const clips = () => new Clips({ folder: join(folder, "clips"), ffmpegPath: async () => "/bin/false" });

test("an FFmpeg that fails: clip_failed, no draft, no folder of media", async () => {
  await expect(clips().make(() => stream(), { format: "png" })).rejects.toMatchObject({ code: "clip_failed" });
  expect(readdirSync(join(folder, "clips"))).toEqual([]);
  expect(existsSync(join(folder, "videos")) ? readdirSync(join(folder, "videos")) : []).toEqual([]);
});

test("media that can't be read are none", async () => {
  await expect(clips().make(() => stream(), {})).rejects.toMatchObject({ code: "clip_unavailable" });
});

test("more than a few at once are refused", async () => {
  const made = clips();
  const asked = Array.from({ length: 6 }, () => made.make(() => stream(), { format: "png" }).catch((error) => error));
  const codes = (await Promise.all(asked)).map(({ code }: { code: string }) => code);
  expect(codes.sort()).toEqual([...Array(4).fill("clip_failed"), ...Array(2).fill("clip_unavailable")]);
});
