// A disk that is really full: a small tmpfs in a mount namespace of the host's own (`unshare`, which needs no root where the
// system lets users have namespaces).
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RecordingInfo } from "../../protocol/results.ts";
import { HostProcess } from "../host/harness/host-process.ts";
import { until } from "../host/harness/processes.ts";
import { Publisher } from "../host/harness/publisher.ts";
import { watch } from "../host/harness/watch.ts";

const MB = 1_000_000;
const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test("full while it records: it ends with what it has, the stream goes on, the error says so; then full at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-full-"));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const mounted = `mount -t tmpfs -o size=100m tmpfs '${disk}' && exec "$@"`;
  const host = new HostProcess({
    under: ["unshare", "-rm", "sh", "-c", mounted, "sh"],
    env: { FLYBROWSER_RECORDINGS_DIR: join(disk, "notes"), XDG_VIDEOS_DIR: join(disk, "videos") },
  });
  closers.push(() => host.close());
  await host.hello();
  const inside = (path: string): string => `/proc/${host.pid}/root${path}`;
  const free = (): number => {
    const { bavail, bsize } = statfsSync(inside(disk));
    return bavail * bsize;
  };
  const fill = (name: string, left: number): void =>
    writeFileSync(inside(join(disk, name)), Buffer.alloc(Math.max(0, free() - left)));

  const p = await Publisher.open(host, { media: { bitrate: 2_000_000 } });
  closers.push(() => p.abandon());
  await p.playable();
  const { stream_id } = p;
  const { port, token } = host.control_file as { port: number; token: string };
  const record = async () => {
    const started = await host.peer.call("startRecording", { stream_id, options: {} });
    const info = async (): Promise<RecordingInfo> => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`http://127.0.0.1:${port}/api/recordings/${started.recording_id}`, { headers });
      return (await answer.json()) as RecordingInfo;
    };
    await until("4 s", async () => (await info()).duration_seconds > 4, 30_000);
    return info;
  };

  const first = await record();
  fill("filler", 15 * MB); // less than the recording and its reserve need
  const ended = await until("its end", async () => (await first()).status === "finished" && (await first()), 30_000);
  expect(ended.error).toMatchObject({ code: "disk_full" });
  expect(ended.error?.message).toMatch(/free/);
  writeFileSync(join(folder, "copy.mp4"), readFileSync(inside(ended.file_path)));
  expect((await watch(join(folder, "copy.mp4"))).frames).toBeGreaterThan(100);
  await expect(host.peer.call("startRecording", { stream_id, options: {} })).rejects.toMatchObject({
    code: "disk_full",
  });

  rmSync(inside(join(disk, "filler")));
  const second = await record();
  fill("filler", 0); // not a byte is left
  const failed = await until("its end", async () => (await second()).status === "failed" && (await second()), 30_000);
  expect(failed.error).toMatchObject({ code: "recording_failed" });
  expect(host.log).toContain("disk");
  expect(await host.peer.call("getStreamStatus", { stream_id })).toMatchObject({ active: true });
  await p.stop();
}, 120_000);
