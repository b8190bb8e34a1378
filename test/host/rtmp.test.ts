// RTMP and RTMPS to a real server (nginx), with media in real time, and what a viewer gets from there.
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FanOut } from "../../native-host/media/fan-out.ts";
import { createDestination } from "../../native-host/sinks/registry.ts";
import { RtmpDestination, type RtmpTimes } from "../../native-host/sinks/rtmp/rtmp-destination.ts";
import { Destinations } from "../../native-host/stream/destinations.ts";
import { serializeError } from "../../protocol/errors.ts";
import { parseDestination } from "../../protocol/options.ts";
import { sentence } from "../../protocol/sentence.ts";
import { hostLog } from "../fixtures/host-log.ts";
import { paced } from "../fixtures/pace.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type SourceOptions, startMedia } from "../fixtures/rtmp/live-media.ts";
import { listens, startRtmpServer, startTls } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, freePort, until } from "../fixtures/rtmp/processes.ts";
import { examine, record } from "../fixtures/rtmp/pull.ts";
import { startSlowProxy } from "../fixtures/rtmp/slow-proxy.ts";
import { OUTLINE, TOOLS } from "../fixtures/stream-outline.ts";

const cleanup = new Cleanup();
afterEach(() => {
  vi.unstubAllEnvs();
  return cleanup.run();
}, paced(30_000));

const key = testKey();
const lines = hostLog();

function destination(url: string, times: Partial<RtmpTimes> = {}): RtmpDestination {
  const plan = { destination_id: "destination_1", name: "test", required: true, url, key };
  const made = new RtmpDestination(plan, OUTLINE, times);
  cleanup.add(() => made.close());
  return made;
}

/** Connects, and sends live media; gives the destination's place on the fan-out. */
async function publish(made: RtmpDestination, source: SourceOptions = {}, options = made.sink_options) {
  await made.connect();
  const media = new FanOut();
  const attachment = media.attach(made.sink, options);
  cleanup.add(() => attachment.close());
  startMedia(cleanup, media, source);
  // More than a second of the source's video and audio, and of noise much more.
  await until("media", () => made.report.bytes_sent > 60_000, 10_000);
  return attachment;
}

/** What connect() throws, and after how many ms. */
async function failure(made: RtmpDestination): Promise<{ error: unknown; ms: number }> {
  const start = Date.now();
  const error = await made.connect().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expectNoKey(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(serializeError(error)));
  return { error, ms: Date.now() - start };
}

/** The key is in no text, no log line, and in no process's arguments or environment but those of whoever pulls. */
function expectNoKey(...texts: string[]): void {
  for (const text of [...texts, ...lines]) expect(text).not.toContain(key);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const file of ["cmdline", "environ"]) {
      let text = "";
      try {
        text = readFileSync(`/proc/${pid}/${file}`, "utf8");
      } catch {
        continue; // it is gone
      }
      expect(text, `process ${pid}`).not.toContain(key);
    }
  }
}

const largest = (numbers: number[]) => Math.max(...numbers.map(Math.abs));

describe("RTMP to a real server", () => {
  it("publishes H.264 and AAC of the right size, complete and in sync", async () => {
    const server = await startRtmpServer(cleanup, key);
    const made = destination(`rtmp://127.0.0.1:${server.port}/keyed/`);
    await publish(made, { origin: 1_700_000_000_000 });
    expectNoKey(inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made.report));
    const pulled = await examine(await record(`rtmp://127.0.0.1:${server.port}/keyed/${key}`, server.folder, 5));
    expect(pulled.video).toMatchObject({ codec: "h264", profile: "Constrained Baseline", width: 1280, height: 720 });
    expect(pulled.video.frames).toBeGreaterThanOrEqual(145);
    expect(pulled.largestGap).toBeLessThan(0.045);
    expect(pulled.audio).toMatchObject({ codec: "aac", sampleRate: 48_000 });
    expect(pulled.audio.packets).toBeGreaterThanOrEqual(225);
    expect(pulled.beepDelays.length).toBeGreaterThanOrEqual(3);
    expect(largest(pulled.beepDelays)).toBeLessThan(0.05);
    expect(pulled.complaints).toBe("");
    console.info("beep after flash, s:", pulled.beepDelays.map((delay) => delay.toFixed(3)).join(" "));
    expect(made.report).toMatchObject({ state: "live", dropped_frames: 0, reconnects: 0, error: null });
    await made.close();
  });

  it("publishes by RTMPS, and refuses a certificate that nobody vouches for", async () => {
    const server = await startRtmpServer(cleanup, key);
    const tls = await startTls(cleanup, server.port);
    const refused = await failure(destination(`rtmps://localhost:${tls.port}/open`));
    expect(refused.error).toMatchObject({
      code: "rtmp_tls_failed",
      details: { reason: sentence("rtmp.self_signed") },
    });
    vi.stubEnv("FLYBROWSER_RTMP_CA", tls.certificate);
    await publish(destination(`rtmps://localhost:${tls.port}/open`), { size: "640x360" });
    const pulled = await examine(await record(`rtmp://127.0.0.1:${server.port}/open/${key}`, server.folder, 3));
    expect(pulled.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
    expect(pulled.audio.codec).toBe("aac");
    expect(pulled.complaints).toBe("");
    vi.stubEnv("FLYBROWSER_RTMP_CA", "/no/such/file.pem");
    const missing = await failure(destination(`rtmps://localhost:${tls.port}/open`));
    expect(missing.error).toMatchObject({ code: "rtmp_tls_failed" });
    vi.unstubAllEnvs();
    const plain = await failure(destination(`rtmps://127.0.0.1:${server.port}/open`, { connect: 2_000 }));
    expect(plain.error).toMatchObject({ code: "rtmp_tls_failed" });
  });

  it("says why it can't publish: wrong key, unknown application, nobody there, a server that says nothing", async () => {
    const server = await startRtmpServer(cleanup, "another-key");
    const wrongKey = await failure(destination(`rtmp://127.0.0.1:${server.port}/keyed`));
    expect(wrongKey.error).toMatchObject({ code: "rtmp_refused" });
    expect((wrongKey.error as Error).message).toMatch(/refused the stream: .*wrong key/);
    expect((await failure(destination(`rtmp://127.0.0.1:${server.port}/nosuch`))).error).toMatchObject({
      code: "rtmp_refused",
    });
    const nobody = await failure(destination(`rtmp://127.0.0.1:${await freePort()}/open`));
    expect(nobody.error).toMatchObject({ code: "rtmp_unreachable" });
    expect(Math.max(wrongKey.ms, nobody.ms)).toBeLessThan(5_000);

    const mute = createServer().listen(0, "127.0.0.1");
    await once(mute, "listening");
    cleanup.add(() => mute.close());
    const address = mute.address();
    const silent = await failure(
      destination(`rtmp://127.0.0.1:${address && typeof address === "object" ? address.port : 0}/open`),
    );
    expect(silent.error).toMatchObject({ code: "rtmp_timeout" });
    expect(silent.ms).toBeLessThan(10_500);
  });

  it("comes back by itself when the server was gone for seconds", { timeout: paced(60_000) }, async () => {
    const server = await startRtmpServer(cleanup, key);
    const url = `rtmp://127.0.0.1:${server.port}/keyed`;
    const made = destination(url, { retry: { first: 250, longest: 1_000 } });
    const states: string[] = [];
    let attempts = 0;
    made.onChange(() => {
      const { state } = made.report;
      if (state === "retrying") attempts++;
      if (states.at(-1) !== state) states.push(state);
    });
    await publish(made);
    await server.kill();
    await until("the loss", () => made.report.state === "retrying" && attempts >= 3, 10_000);
    expect(await listens(server.port)).toBe(false);
    expect(made.report.error).toMatchObject({ code: "rtmp_unreachable" });
    await server.start();
    await until("the return", () => made.report.state === "live", 5_000);
    const pulled = await examine(await record(`${url}/${key}`, server.folder, 4));
    expect(pulled.video).toMatchObject({ codec: "h264", width: 1280, height: 720 });
    expect(pulled.video.frames).toBeGreaterThanOrEqual(110);
    expect(largest(pulled.beepDelays)).toBeLessThan(0.05);
    expect(pulled.complaints).toBe("");
    expect(states).toEqual(["live", "retrying", "live"]);
    expect(made.report).toMatchObject({ reconnects: 1, error: null });
    expect(made.report.dropped_frames).toBeGreaterThan(20);
    expectNoKey();
  });

  it("sends what waits for a slow network before it takes leave, and no longer than it should", {
    timeout: paced(60_000),
  }, async () => {
    const server = await startRtmpServer(cleanup, key);
    const proxy = await startSlowProxy(cleanup, server.port);
    const media = new FanOut();
    const options = parseDestination({ url: `rtmp://127.0.0.1:${proxy.port}/open`, key });
    const request = { options, prefix: "", required: false };
    const destinations = new Destinations([createDestination(request, OUTLINE, TOOLS)], media, { now: 1 });
    cleanup.add(() => destinations.close());
    destinations.connect();
    const picture = "color=gray:s=640x360:r=30,noise=alls=100:allf=t";
    const end = startMedia(cleanup, media, {
      picture,
      video: ["-b:v", "30M", "-maxrate", "30M", "-bufsize", "10M"],
    });
    const sent = () => destinations.statuses[0]?.bytes_sent ?? 0;
    const waiting = () => media.reports.reduce((sum, { queued_bytes }) => sum + queued_bytes, 0);
    await until("media", () => sent() > 1_000_000, 10_000);
    proxy.hold();
    await until("a queue", () => waiting() > 2_000_000, 20_000);
    await end();
    const [before, queued] = [sent(), waiting()];
    const leaving = destinations.close();
    proxy.release();
    await leaving;
    expect(sent()).toBeGreaterThan(before + queued);
    expect(destinations.statuses).toMatchObject([{ state: "ended" }]);

    const stuck = new Destinations([createDestination(request, OUTLINE, TOOLS)], media, { now: 1 });
    cleanup.add(() => stuck.close());
    stuck.connect();
    await until("the second", () => stuck.statuses[0]?.state === "live", 10_000);
    proxy.hold();
    const began = performance.now();
    await stuck.close();
    expect(performance.now() - began).toBeLessThan(paced(10_000));
  });
});
