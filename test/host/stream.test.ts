// A stream through a real host: media in over native messaging, HLS out over HTTP, decoded by FFmpeg.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { inWords } from "../../protocol/errors.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { paced } from "../fixtures/pace.ts";
import { HostProcess, type HostProcessOptions } from "./harness/host-process.ts";
import { childrenOf, runs, until } from "./harness/processes.ts";
import { Publisher, type PublisherOptions } from "./harness/publisher.ts";
import { watch } from "./harness/watch.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function host(options: HostProcessOptions = {}): Promise<HostProcess> {
  const started = new HostProcess(options);
  closers.push(() => started.close());
  await started.hello();
  return started;
}

async function publish(to: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
  const publisher = await Publisher.open(to, options);
  closers.push(() => publisher.abandon());
  return publisher;
}

const acknowledged = (of: HostProcess, run: number): number =>
  of.heard("chunk_accepted").reduce((sum, event) => (event.run === run ? sum + event.bytes : sum), 0);

const frames = (of: HostProcess): number => of.heard("stream_status").at(-1)?.info.metrics.frames_sent ?? 0;

describe("a stream", () => {
  test("plays, with sound in sync, whole to its last frame, and every byte acknowledged", async () => {
    const h = await host();
    const p = await publish(h);
    const result = await p.playable();
    expect(result).toMatchObject({ status: "active", encoder: "passthrough", width: 640, height: 360, frame_rate: 30 });
    await until("5 s of picture", () => frames(h) >= 150);
    const stopped = await p.stop();
    if (!stopped.success) throw new Error(stopped.error);
    expect(acknowledged(h, 0)).toBe(p.sent.get(0));
    expect(stopped.info).toMatchObject({ state: "stopped", metrics: { dropped_frames: 0 } });

    const seen = await watch(result.hls_url as string);
    expect(seen.complaints).toEqual([]);
    expect(seen.frames).toBe(stopped.info.metrics.frames_sent); // the tail is there too
    expect(seen.longest_gap).toBeLessThan(0.05);
    expect(seen.flashes.length).toBeGreaterThanOrEqual(4);
    for (const flash of seen.flashes) {
      const apart = Math.min(...seen.beeps.map((beep) => Math.abs(beep - flash)));
      expect(apart, `beep beside the flash at ${flash}, beeps at ${seen.beeps}`).toBeLessThan(0.02);
    }
    expect(await p.stop()).toEqual({ success: false, error: "No active stream" }); // twice harms nothing
  });

  test("without sound has a picture", async () => {
    const h = await host();
    const p = await publish(h, { media: { audio: false } });
    const { hls_url } = await p.playable();
    await until("a second of picture", () => frames(h) >= 30);
    await p.stop();
    expect((await watch(hls_url as string)).frames).toBeGreaterThanOrEqual(30);
  });

  test("goes on with a fresh run when FFmpeg is killed, with a discontinuity, and counts it", async () => {
    const h = await host();
    const p = await publish(h);
    const { hls_url } = await p.playable();
    const [ffmpeg] = childrenOf(h.pid);
    process.kill(ffmpeg as number, "SIGKILL");
    const { reason } = await until("the host to want a fresh run", () => h.heard("run_needed")[0]);
    expect(reason).toContain("it was killed by SIGKILL");
    expect(h.heard("stream_status").at(-1)?.info).toMatchObject({ state: "recovering", health: "degraded" });
    await p.freshRun();
    await until("the stream to be active again", () => h.heard("stream_status").at(-1)?.info.state === "active");
    const before = frames(h);
    await until("2 s more of picture", () => frames(h) >= before + 60);
    const stopped = await p.stop();
    expect(stopped).toMatchObject({ info: { recovery_metrics: { ffmpeg_restarts: 1, capture_restarts: 0 } } });
    const video = await (await fetch(hls_url as string)).text();
    expect(video).toContain("#EXTM3U");
    const seen = await watch(hls_url as string);
    expect(seen.frames).toBeGreaterThanOrEqual(before + 60);
    expect(await mediaPlaylist(hls_url as string)).toContain("#EXT-X-DISCONTINUITY");
  });

  test("a frozen FFmpeg is found and replaced within 3 s", async () => {
    const h = await host();
    const p = await publish(h);
    const { hls_url } = await p.playable();
    // Encoders may be tried beside it.
    const ffmpeg = Number(/FFmpeg is process (\d+)/.exec(h.log)?.[1]);
    const frozen = performance.now();
    process.kill(ffmpeg, "SIGSTOP");
    await until("a wish for a fresh run", () => h.heard("run_needed").length > 0, 3_000);
    await p.freshRun();
    await until(
      "its media",
      async () => (await mediaPlaylist(hls_url as string)).includes("EXT-X-DISCONTINUITY\n"),
      5_000,
    );
    expect(performance.now() - frozen).toBeLessThan(paced(8_000)); // the test's own recorder takes a second to begin, or more on a busy machine
    await until("FFmpeg to be gone", () => !runs(ffmpeg), 1_000);
    expect(h.log).toContain("stopped by a signal");
  });

  test("a fresh run that nobody asked for loses no tail", async () => {
    const h = await host();
    const p = await publish(h);
    const { hls_url } = await p.playable();
    await p.freshRun();
    await until("the second run's media", () => acknowledged(h, 1) > 100_000);
    const stopped = await p.stop();
    expect(acknowledged(h, 0)).toBe(p.sent.get(0));
    expect(stopped).toMatchObject({ info: { recovery_metrics: { ffmpeg_restarts: 0, capture_restarts: 1 } } });
    if (!stopped.success) throw new Error(stopped.error);
    expect((await watch(hls_url as string)).frames).toBe(stopped.info.metrics.frames_sent);
  });

  test("chunks of an old run are thrown away and counted as dropped", async () => {
    const h = await host();
    const p = await publish(h);
    await p.playable();
    const { stream_id } = p;
    h.peer.emit("chunk", {
      stream_id,
      sent_at: performance.now(),
      run: 7,
      data: Buffer.alloc(50_000).toString("base64"),
    });
    h.peer.emit("frames_dropped", { stream_id, frames: 3, reason: "the test" });
    const dropped = () => h.heard("stream_status").at(-1)?.info.metrics.dropped_frames ?? 0;
    await until("both to be counted", () => dropped() > 3, 3_000);
  });

  test("two at once are two", async () => {
    const h = await host();
    const [a, b] = [await publish(h), await publish(h, { media: { width: 320, height: 180 } })];
    const [first, second] = await Promise.all([a.playable(), b.playable()]);
    expect(first.stream_id).not.toBe(second.stream_id);
    expect(second.width).toBe(320);
    expect(await a.stop()).toMatchObject({ success: true });
    expect(await h.peer.call("getStreamStatus", { stream_id: b.stream_id })).toMatchObject({ active: true });
    expect(await h.peer.call("getStreamStatus", { stream_id: a.stream_id })).toMatchObject({
      active: false,
      status: { state: "stopped" },
    });
    await b.stop();
    await until("no FFmpeg to be left", () => childrenOf(h.pid).length === 0);
  });

  test("health tells when no media come, and that they come again", async () => {
    const h = await host();
    const p = await publish(h);
    await p.playable();
    await p.closeRun();
    const health = () => h.heard("stream_status").at(-1)?.info;
    await until("degraded", () => health()?.health === "degraded", 6_000);
    expect(inWords(health()?.health_reasons)).toEqual([expect.stringMatching(/^no media for [234] s$/)]);
    expect(health()?.metrics.current_fps).toBeLessThan(20);
    await p.freshRun();
    await until("healthy", () => health()?.health === "healthy", 6_000);
  });

  test("goes on in a new host after kill -9: same link, numbers that grow, FFmpeg gone", async () => {
    const first = await host();
    const p = await publish(first);
    const before = await p.playable();
    const [ffmpeg] = childrenOf(first.pid);
    const last = (await mediaNumbers(before.hls_url as string)).last;
    await until("a status with frames", () => frames(first) > 0);
    const told = { ...(first.heard("stream_status").at(-1)?.info as StreamInfo), tasks: [] };
    first.kill("SIGKILL");
    await p.abandon();
    await until("FFmpeg to end by itself", () => !runs(ffmpeg as number), 2_000);
    await sleep(1_000);

    const second = new HostProcess();
    closers.push(() => second.close());
    const hello = await second.hello(before.local_server_port, undefined, [], [told]);
    const status = () => second.peer.call("getStreamStatus", { stream_id: p.stream_id });
    expect(await status()).toMatchObject({ active: true, status: { state: "recovering", metrics: told.metrics } });
    expect(hello.port).toBe(before.local_server_port);
    const resumed = await publish(second, { resume: { ...p.identity, generation: 1 }, first_run: 1 });
    const after = await resumed.playable();
    const states = second.heard("stream_status").map(({ info }) => info.state);
    expect(["recovering", "active"]).toEqual(expect.arrayContaining([...new Set(states)]));
    const { frames_sent, bytes_sent } = told.metrics;
    expect(
      second.heard("stream_status").every(({ info }) => (info.metrics.frames_sent ?? 0) >= (frames_sent ?? 0)),
    ).toBe(true);
    expect(inWords(await status())).toMatchObject({ active: true, status: { state: "active" } });
    const { status: now } = (await status()) as { status: StreamInfo };
    expect(now.metrics.bytes_sent).toBeGreaterThan(bytes_sent ?? 0);
    expect(now.recovery_metrics.capture_restarts).toBe(told.recovery_metrics.capture_restarts + 1);
    expect(after.hls_url).toBe(before.hls_url);
    expect((await mediaNumbers(after.hls_url as string)).first).toBeGreaterThan(last);
    const stopped = await resumed.stop();
    expect(stopped.success && stopped.info.uptime_seconds).toBeGreaterThan(2);
  });
});

async function mediaPlaylist(multivariant: string): Promise<string> {
  const text = await (await fetch(multivariant)).text();
  const uri = text.split("\n").find((line) => line !== "" && !line.startsWith("#")) as string;
  return (await fetch(new URL(uri, multivariant))).text();
}

async function mediaNumbers(multivariant: string): Promise<{ first: number; last: number }> {
  const playlist = await mediaPlaylist(multivariant);
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]);
  return { first, last: first + (playlist.match(/#EXTINF/g)?.length ?? 0) };
}
