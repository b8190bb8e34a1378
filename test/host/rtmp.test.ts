// RTMP and RTMPS to a real server (nginx), with media in real time, and what a viewer gets from there.
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { RtmpOutput, type RtmpOutputOptions, type RtmpStatus } from "../../native-host/sinks/rtmp/rtmp-output.ts";
import { serializeError } from "../../protocol/errors.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { startMedia } from "../fixtures/rtmp/live-media.ts";
import { listens, startRtmpServer, startTls } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, freePort, temporaryFolder, until } from "../fixtures/rtmp/processes.ts";
import { examine, record } from "../fixtures/rtmp/pull.ts";
import { startSlowProxy } from "../fixtures/rtmp/slow-proxy.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);

const key = testKey();
const lines: string[] = [];
const keep = (message: string, properties?: Record<string, unknown>) =>
  void lines.push(message + JSON.stringify(properties));
const log = { debug: keep, info: keep, warn: keep };

function output(url: string, options: Partial<RtmpOutputOptions> = {}): RtmpOutput {
  const made = new RtmpOutput({ url, key, log, frame_rate: 30, ...options });
  cleanup.add(() => made.close());
  return made;
}

/** What connect() throws, and after how many ms. */
async function failure(made: RtmpOutput): Promise<{ error: unknown; ms: number }> {
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
    const made = output(`rtmp://127.0.0.1:${server.port}/keyed/`);
    await made.connect();
    startMedia(cleanup, made, { origin: 1_700_000_000_000 });
    await until("frames", () => made.status.frames_sent > 30, 10_000);
    expectNoKey(inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made.status));
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
    expect(made.status).toMatchObject({ state: "publishing", dropped_frames: 0, missed_frames: 0, reconnects: 0 });
    await made.close();
  });

  it("publishes by RTMPS, and refuses a certificate that nobody vouches for", async () => {
    const server = await startRtmpServer(cleanup, key);
    const tls = await startTls(cleanup, server.port);
    const refused = await failure(output(`rtmps://localhost:${tls.port}/open`));
    expect(refused.error).toMatchObject({
      code: "rtmp_tls_failed",
      details: { reason: "its certificate is self-signed" },
    });
    const made = output(`rtmps://localhost:${tls.port}/open`, { caFile: tls.certificate });
    await made.connect();
    startMedia(cleanup, made, { size: "640x360" });
    const pulled = await examine(await record(`rtmp://127.0.0.1:${server.port}/open/${key}`, server.folder, 3));
    expect(pulled.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
    expect(pulled.audio.codec).toBe("aac");
    expect(pulled.complaints).toBe("");
    const missing = await failure(output(`rtmps://localhost:${tls.port}/open`, { caFile: "/no/such/file.pem" }));
    expect(missing.error).toMatchObject({ code: "rtmp_tls_failed" });
    const plain = await failure(output(`rtmps://127.0.0.1:${server.port}/open`, { connectTimeout: 2_000 }));
    expect(plain.error).toMatchObject({ code: "rtmp_tls_failed" });
  });

  it("says why it can't publish: wrong key, unknown application, nobody there, a server that says nothing", async () => {
    const server = await startRtmpServer(cleanup, "another-key");
    const wrongKey = await failure(output(`rtmp://127.0.0.1:${server.port}/keyed`));
    expect(wrongKey.error).toMatchObject({ code: "rtmp_refused" });
    expect((wrongKey.error as Error).message).toMatch(/refused the stream: .*wrong key/);
    expect((await failure(output(`rtmp://127.0.0.1:${server.port}/nosuch`))).error).toMatchObject({
      code: "rtmp_refused",
    });
    const nobody = await failure(output(`rtmp://127.0.0.1:${await freePort()}/open`));
    expect(nobody.error).toMatchObject({ code: "rtmp_unreachable" });
    expect(Math.max(wrongKey.ms, nobody.ms)).toBeLessThan(5_000);

    const mute = createServer().listen(0, "127.0.0.1");
    await once(mute, "listening");
    cleanup.add(() => mute.close());
    const address = mute.address();
    const silent = await failure(
      output(`rtmp://127.0.0.1:${address && typeof address === "object" ? address.port : 0}/open`),
    );
    expect(silent.error).toMatchObject({ code: "rtmp_timeout" });
    expect(silent.ms).toBeLessThan(10_500);
  });

  it("comes back by itself when the server was gone for seconds", { timeout: 60_000 }, async () => {
    const server = await startRtmpServer(cleanup, key);
    const url = `rtmp://127.0.0.1:${server.port}/keyed`;
    const made = output(url, { retry: { first: 250, longest: 1_000 } });
    const states: string[] = [];
    made.onChange(({ state }: RtmpStatus) => states.at(-1) !== state && states.push(state));
    await made.connect();
    startMedia(cleanup, made);
    await until("frames", () => made.status.frames_sent > 30, 10_000);
    await server.kill();
    await until("the loss", () => made.status.state === "reconnecting" && made.status.attempts >= 3, 10_000);
    expect(await listens(server.port)).toBe(false);
    expect(made.status.last_error).toMatchObject({ code: "rtmp_unreachable" });
    await server.start();
    await until("the return", () => made.status.state === "publishing", 5_000);
    const pulled = await examine(await record(`${url}/${key}`, server.folder, 4));
    expect(pulled.video).toMatchObject({ codec: "h264", width: 1280, height: 720 });
    expect(pulled.video.frames).toBeGreaterThanOrEqual(110);
    expect(largest(pulled.beepDelays)).toBeLessThan(0.05);
    expect(pulled.complaints).toBe("");
    expect(states).toEqual(["publishing", "reconnecting", "publishing"]);
    expect(made.status).toMatchObject({ reconnects: 1, attempts: 0 });
    expect(made.status.missed_frames).toBeGreaterThan(20);
    expectNoKey();
  });

  it("bounds what waits for a slow network, counts what it leaves out, and goes on at a keyframe", {
    timeout: 60_000,
  }, async () => {
    const server = await startRtmpServer(cleanup, key);
    const proxy = await startSlowProxy(cleanup, server.port);
    const limits = { bytes: 2_000_000, span: 2_000 };
    const made = output(`rtmp://127.0.0.1:${proxy.port}/open`, { limits });
    await made.connect();
    // Noise, so that the kernel's own buffers are full soon.
    const picture = "color=gray:s=640x360:r=30,noise=alls=100:allf=t";
    startMedia(cleanup, made, { picture, video: ["-b:v", "30M", "-maxrate", "30M", "-bufsize", "10M"] });
    await until("frames", () => made.status.frames_sent > 30, 10_000);
    proxy.hold();
    let most = 0;
    await until(
      "the loss of frames",
      () => {
        most = Math.max(most, made.status.queued_bytes);
        return made.status.dropped_frames > 60;
      },
      20_000,
    );
    expect(most).toBeGreaterThan(500_000);
    expect(most).toBeLessThan(limits.bytes + 1_000_000);
    expect(made.status.state).toBe("publishing");
    proxy.release();
    const sent = made.status.frames_sent;
    await until("frames again", () => made.status.frames_sent > sent + 60, 10_000);
    await until("an empty queue", () => made.status.queued_bytes < 200_000, 5_000);
    const pulled = await examine(
      await record(`rtmp://127.0.0.1:${server.port}/open/${key}`, await temporaryFolder(cleanup), 3),
    );
    expect(pulled.complaints).toBe("");
    expect(pulled.video.frames).toBeGreaterThanOrEqual(80);
    expect(made.status.reconnects).toBe(0);
  });
});
