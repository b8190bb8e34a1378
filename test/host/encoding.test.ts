// Streams that the host encodes: the codec that was asked for, the exact size, an encoder that dies while live.
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { StartStreamOptions } from "../../protocol/options.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";
import { watch } from "./harness/watch.ts";

const MORTAL = join(import.meta.dirname, "../fixtures/ffmpeg/mortal-nvenc.mjs");

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function publish(options: StartStreamOptions, env: Record<string, string> = {}) {
  const host = new HostProcess({ env });
  closers.push(() => host.close());
  await host.hello();
  const publisher = await Publisher.open(host, { options });
  closers.push(() => publisher.abandon());
  return { host, publisher };
}

test("an encoder of the host makes the codec and the size that were asked for", async () => {
  const { host, publisher } = await publish(
    { codec: "h265", width: 480, height: 480 },
    { FLYBROWSER_ENCODER: "software" },
  );
  const started = await publisher.playable();
  expect(started).toMatchObject({ codec: "h265", width: 480, height: 480, encoder: "libx265" });
  await until("3 s of picture", () => (host.heard("stream_status").at(-1)?.info.metrics.frames_sent ?? 0) >= 90);
  await publisher.stop();
  const seen = await watch(started.hls_url as string);
  expect(seen.complaints).toEqual([]);
  expect(seen.longest_gap).toBeLessThan(0.05);
  for (const flash of seen.flashes) {
    expect(Math.min(...seen.beeps.map((beep) => Math.abs(beep - flash)))).toBeLessThan(0.05);
  }
});

test("an encoder that dies while live is followed by the next one, and the stream goes on", async () => {
  const { host, publisher } = await publish({ width: 320, height: 180 }, { FLYBROWSER_FFMPEG: MORTAL });
  expect(await publisher.playable()).toMatchObject({ encoder: "h264_nvenc", width: 320, height: 180 });
  const { reason, orderly } = await until("the host to want a fresh run", () => host.heard("run_needed")[0]);
  expect(reason).toContain("the GPU has gone");
  expect(orderly).toBe(false);
  await publisher.freshRun();
  const back = await until("the stream to be active again", () => {
    const info = host.heard("stream_status").at(-1)?.info;
    return info?.state === "active" && info.encoder !== "h264_nvenc" && info;
  });
  expect(back.encoder).toBe("libx264");
  expect(back.recovery_metrics.ffmpeg_restarts).toBe(1);
  expect(back.recovery_metrics.last_recovery_time).not.toBeNull();
  const frames = back.metrics.frames_sent ?? 0;
  // longer than the first encoder has lived: the next one isn't mortal
  await until(
    "5 s more",
    () => (host.heard("stream_status").at(-1)?.info.metrics.frames_sent ?? 0) > frames + 150,
    20_000,
  );
  expect(host.heard("run_needed")).toHaveLength(1);
});

test("where no encoder works, what needs one is refused before anything starts, with what would work", async () => {
  const host = new HostProcess({ env: { FLYBROWSER_ENCODER: "hardware" } });
  closers.push(() => host.close());
  await host.hello();
  await expect(Publisher.open(host, { options: { codec: "h265" } })).rejects.toMatchObject({
    code: "unsupported_combination",
    message: expect.stringMatching(/codec h265.*hevc_nvenc: /),
    fix: expect.stringContaining("Use codec h264"),
  });
});
