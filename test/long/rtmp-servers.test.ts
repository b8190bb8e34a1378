// RTMP to servers other than nginx: node-media-server, with Enhanced RTMP too, and FFmpeg that listens.
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { FanOut } from "../../native-host/media/fan-out.ts";
import { RtmpDestination } from "../../native-host/sinks/rtmp/rtmp-destination.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { startMedia } from "../fixtures/rtmp/live-media.ts";
import { listens } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, freePort, startProcess, temporaryFolder, until } from "../fixtures/rtmp/processes.ts";
import { examine, record } from "../fixtures/rtmp/pull.ts";
import { OUTLINE } from "../fixtures/stream-outline.ts";

const FFMPEG = process.env.FLYBROWSER_FFMPEG ?? "ffmpeg";
const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);
const key = testKey();

async function publish(url: string, codec: "h264" | "h265", required = true): Promise<RtmpDestination> {
  const plan = { destination_id: "d", name: "n", required, url, key };
  const made = new RtmpDestination(plan, { ...OUTLINE, codec });
  cleanup.add(() => made.close());
  await made.connect();
  const media = new FanOut();
  const attachment = media.attach(made.sink, made.sink_options);
  cleanup.add(() => attachment.close());
  startMedia(cleanup, media, { size: "640x360", codec });
  await until("media", () => made.report.bytes_sent > 60_000, 20_000);
  return made;
}

/** node-media-server on a port of its own; everything that is published is written into the folder that it gives. */
async function startNodeMediaServer(): Promise<{ port: number; records: string; folder: string }> {
  const folder = await temporaryFolder(cleanup);
  const [port, http, records] = [await freePort(), await freePort(), join(folder, "records")];
  await mkdir(records);
  const config = join(folder, "config.json");
  const options = { bind: "127.0.0.1", notify: { url: "" }, rtmp: { port }, http: { port: http } };
  const rest = { store: { path: join(folder, "data") }, record: { auto: true, path: records }, auth: {} };
  await writeFile(config, JSON.stringify({ ...options, ...rest }));
  const app = join(import.meta.dirname, "../../node_modules/node-media-server/bin/app.js");
  startProcess(cleanup, process.execPath, [app, "-c", config, "--no-admin"], { stdio: "ignore", cwd: folder });
  await until("node-media-server", () => listens(port), 20_000);
  return { port, records, folder };
}

/** What was written, so far. */
const written = (records: string) =>
  readdirSync(records, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".flv"))
    .map((name) => readFileSync(join(records, name)));

it("node-media-server: H.264 as a viewer gets it from there", async () => {
  const server = await startNodeMediaServer();
  const made = await publish(`rtmp://127.0.0.1:${server.port}/live`, "h264");
  const pulled = await examine(await record(`rtmp://127.0.0.1:${server.port}/live/${key}`, server.folder, 4));
  expect(pulled.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(pulled.video.frames).toBeGreaterThan(90);
  expect(pulled.audio.codec).toBe("aac");
  expect(pulled.complaints).toBe("");
  expect(made.report).toMatchObject({ state: "live", reconnects: 0, error: null });
}, 60_000);

it("node-media-server: H.265 by Enhanced RTMP, from its sequence header on", async () => {
  const server = await startNodeMediaServer();
  const made = await publish(`rtmp://127.0.0.1:${server.port}/live`, "h265");
  const enough = () => written(server.records).find((bytes) => bytes.length > 40_000);
  const bytes = await until("what the server has written", enough, 30_000);
  // A sequence header and coded frames under the FourCC, as the server had them: 0x90, 0x91 or 0x93, 0xa1 or 0xa3.
  for (const first of [[0x90], [0x91, 0x93], [0xa1, 0xa3]]) {
    const found = first.some((byte) => bytes.includes(Buffer.concat([Buffer.from([byte]), Buffer.from("hvc1")])));
    expect(found, first.join()).toBe(true);
  }
  expect(made.report).toMatchObject({ state: "live", reconnects: 0, error: null });
}, 90_000);

it("FFmpeg that listens takes it, and what it writes is complete", async () => {
  const [port, folder] = [await freePort(), await temporaryFolder(cleanup)];
  const file = join(folder, "arrived.flv");
  const url = `rtmp://127.0.0.1:${port}/app/${key}`;
  const args = ["-nostdin", "-nostats", "-loglevel", "error", "-listen", "1", "-f", "flv", "-i", url];
  const ffmpeg = startProcess(cleanup, FFMPEG, [...args, "-c", "copy", "-t", "10", file]);
  await new Promise((listening) => setTimeout(listening, 1_500)); // a look at its port would be its one client
  const made = await publish(`rtmp://127.0.0.1:${port}/app`, "h264");
  await until("FFmpeg to be done", () => ffmpeg.exitCode !== null, 30_000);
  const arrived = await examine(file);
  expect(arrived.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(arrived.video.frames).toBeGreaterThan(100);
  expect(arrived.complaints).toBe("");
  expect(made.report.bytes_sent).toBeGreaterThan(60_000);
}, 60_000);
