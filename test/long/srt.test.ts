// SRT over time: as a listener with callers that come and go, and as a caller whose other side goes and comes back.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Cleanup, endProcess, freePort, startProcess, temporaryFolder, until } from "../fixtures/rtmp/processes.ts";
import { examine } from "../fixtures/rtmp/pull.ts";
import { isIn, sendMedia, srtDestination, startListener } from "../fixtures/srt.ts";

const FFMPEG = process.env.FLYBROWSER_FFMPEG ?? "ffmpeg";
/** ms for which the other side is away. */
const AWAY = 60_000;

const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);

it("listens, and FFmpeg calls, goes, and calls again", async () => {
  const [port, folder] = [await freePort(), await temporaryFolder(cleanup)];
  const made = srtDestination(cleanup, `srt://127.0.0.1:${port}?mode=listener`);
  await sendMedia(cleanup, made);
  const call = async (name: string) => {
    const file = join(folder, name);
    const caller = startProcess(cleanup, FFMPEG, [
      ...["-nostdin", "-nostats", "-loglevel", "error", "-i", `srt://127.0.0.1:${port}`, "-t", "4", "-c", "copy", file],
    ]);
    await until("the caller to be done", () => caller.exitCode !== null, 25_000);
    return examine(file);
  };
  expect(made.report.state).toBe("connecting");
  const first = await call("first.ts");
  expect(first.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
  expect(first.video.frames).toBeGreaterThan(60);
  await isIn(made, "retrying", 20_000);
  expect(made.report.error).toMatchObject({ code: "destination_lost" });
  const second = await call("second.ts");
  expect(second.video.frames).toBeGreaterThan(60);
  expect(made.report.reconnects).toBe(1);
  expect(made.report.dropped_frames).toBeGreaterThan(0);
}, 90_000);

it("comes back when the other side was gone for a minute", async () => {
  const [port, folder] = [await freePort(), await temporaryFolder(cleanup)];
  const first = startListener(cleanup, port, join(folder, "before.ts"));
  const made = srtDestination(cleanup, `srt://127.0.0.1:${port}`, { connect: 1_500 });
  await sendMedia(cleanup, made);
  await isIn(made, "live");
  await endProcess(first);
  await isIn(made, "retrying");
  await sleep(AWAY);
  expect(made.report.state).toBe("retrying");
  const after = join(folder, "after.ts");
  const tool = startListener(cleanup, port, after);
  await isIn(made, "live", 20_000);
  const before = made.report.bytes_sent;
  await until("media", () => made.report.bytes_sent > before + 150_000, 20_000);
  await made.close();
  await endProcess(tool, "SIGINT");
  expect(made.report.reconnects).toBe(1);
  expect((await examine(after)).video.frames).toBeGreaterThan(50);
}, 180_000);
