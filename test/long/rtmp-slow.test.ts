// An RTMP server behind a network that stands still for a while (a proxy that reads nothing).
import { afterEach, expect, test } from "vitest";
import { FanOut } from "../../native-host/media/fan-out.ts";
import { RtmpDestination } from "../../native-host/sinks/rtmp/rtmp-destination.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type SourceOptions, startMedia } from "../fixtures/rtmp/live-media.ts";
import { startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, temporaryFolder, until } from "../fixtures/rtmp/processes.ts";
import { examine, record } from "../fixtures/rtmp/pull.ts";
import { startSlowProxy } from "../fixtures/rtmp/slow-proxy.ts";
import { OUTLINE } from "../fixtures/stream-outline.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);

test("bounds what waits for a slow network, counts what it leaves out, and goes on at a keyframe", {
  timeout: 60_000,
}, async () => {
  const key = testKey();
  const server = await startRtmpServer(cleanup, key);
  const proxy = await startSlowProxy(cleanup, server.port);
  const limits = { bytes: 2_000_000, span: 2_000 };
  const plan = { destination_id: "destination_1", name: "test", required: true };
  const made = new RtmpDestination({ ...plan, url: `rtmp://127.0.0.1:${proxy.port}/open`, key }, OUTLINE);
  cleanup.add(() => made.close());
  // Noise, so that the kernel's own buffers are full soon.
  const noise: SourceOptions = {
    picture: "color=gray:s=640x360:r=30,noise=alls=100:allf=t",
    video: ["-b:v", "30M", "-maxrate", "30M", "-bufsize", "10M"],
  };
  await made.connect();
  const media = new FanOut();
  const queue = media.attach(made.sink, { limits });
  cleanup.add(() => queue.close());
  startMedia(cleanup, media, noise);
  await until("media", () => made.report.bytes_sent > 60_000, 10_000);
  proxy.hold();
  let most = 0;
  await until(
    "the loss of frames",
    () => {
      most = Math.max(most, queue.report.queued_bytes);
      return queue.report.dropped_frames > 60;
    },
    20_000,
  );
  expect(most).toBeGreaterThan(500_000);
  expect(most).toBeLessThan(limits.bytes + 1_000_000);
  expect(made.report.state).toBe("live");
  proxy.release();
  const { bytes_sent } = made.report;
  await until("media again", () => made.report.bytes_sent > bytes_sent + 5_000_000, 10_000);
  await until("an empty queue", () => queue.report.queued_bytes < 200_000, 5_000);
  const pulled = await examine(
    await record(`rtmp://127.0.0.1:${server.port}/open/${key}`, await temporaryFolder(cleanup), 3),
  );
  expect(pulled.complaints).toBe("");
  expect(pulled.video.frames).toBeGreaterThanOrEqual(80);
  expect(made.report.reconnects).toBe(0);
  expect(queue.report.failures).toBe(0);
});
