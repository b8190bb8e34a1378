// FFmpegs that misbehave: each becomes one clear error within its time, and none is left running.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { HostProcess } from "../host/harness/host-process.ts";
import { runs, until } from "../host/harness/processes.ts";
import { Publisher } from "../host/harness/publisher.ts";

const FAKE = join(import.meta.dirname, "../fixtures/ffmpeg/fake-ffmpeg.mjs");

const closers: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Publishes into a host with a fake FFmpeg, with a fresh run whenever it wants one; gives how the start failed. */
async function startWith(behaviour: string, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-fake-"));
  const pids = join(folder, "pids");
  const h = new HostProcess({
    env: { FLYBROWSER_FFMPEG: FAKE, FAKE_FFMPEG: behaviour, FAKE_FFMPEG_PIDS: pids, ...env },
  });
  await h.hello();
  // 12 Mbit/s fill the pipe of an FFmpeg that does not read within a second.
  const p = await Publisher.open(h, { media: { bitrate: 12_000_000 } });
  let answered = 0;
  const timer = setInterval(() => {
    if (h.heard("run_needed").length <= answered) return;
    answered += 1;
    void p.freshRun();
  }, 50);
  closers.push(
    async () => rmSync(folder, { recursive: true }),
    () => h.close(),
    () => p.abandon(),
    async () => clearInterval(timer),
  );
  const began = Date.now();
  const error: unknown = await p.playable().then(
    () => expect.unreachable("it must not be playable"),
    (thrown) => thrown,
  );
  return {
    h,
    p,
    error,
    took: Date.now() - began,
    pids: () => readFileSync(pids, "utf8").trim().split("\n").map(Number),
  };
}

describe("an FFmpeg that", () => {
  test("exits at once: the start fails soon, with what it said", async () => {
    const { h, p, error, took, pids } = await startWith("exits-at-once");
    expect(error).toMatchObject({ code: "ffmpeg_failed", message: expect.stringContaining("Unknown encoder 'aac'") });
    expect(took).toBeLessThan(8_000);
    expect(pids()).toHaveLength(4); // the first and three more
    expect(h.heard("stream_failed")[0]).toMatchObject({ stream_id: p.stream_id, error: { code: "ffmpeg_failed" } });
    expect(await p.stop()).toEqual({ success: false, error: "No active stream" });
  });

  test("never reads: it is killed and that is said", async () => {
    const { error, h, pids } = await startWith("hangs");
    expect(error).toMatchObject({ code: "ffmpeg_failed", message: expect.stringContaining("stopped reading") });
    await until("all to be gone", () => pids().every((pid) => !runs(pid)));
    expect(h.exit).toBeNull();
  });

  test("floods stderr and gives nothing: no media, and memory stays bounded", async () => {
    const { error, h, took } = await startWith("floods-stderr");
    expect(error).toMatchObject({ code: "no_media" });
    expect(took).toBeLessThan(22_000);
    expect(h.log.length).toBeLessThan(100_000);
  });

  test("writes what is no MP4: the start fails with that", async () => {
    const { error } = await startWith("writes-garbage");
    expect(error).toMatchObject({ code: "ffmpeg_failed" });
  });

  test("is too old is refused", async () => {
    const h = new HostProcess({ env: { FLYBROWSER_FFMPEG: FAKE, FAKE_FFMPEG_VERSION: "4.3.2" } });
    closers.push(() => h.close());
    expect((await h.hello()).ffmpeg).toBeNull();
    await expect(Publisher.open(h)).rejects.toMatchObject({
      code: "ffmpeg_not_found",
      message: expect.stringContaining("version 4.3.2 is too old"),
    });
  });
});
