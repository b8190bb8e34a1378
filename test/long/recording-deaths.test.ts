// What a recording is after a death of the rarer kind: somebody else has finished its file, the disk takes no more.
import { utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { StartRecordingResult } from "../../protocol/results.ts";
import type { HostProcess } from "../host/harness/host-process.ts";
import { until } from "../host/harness/processes.ts";
import {
  cleanUp,
  expectSync,
  folder,
  host,
  info,
  publish,
  record,
  recorded,
  stop,
} from "../host/harness/recording-host.ts";
import { watch } from "../host/harness/watch.ts";

afterEach(cleanUp);

/** So that the next host doesn't wait for the tab to go on in another one. */
function writtenLongAgo({ state_dir }: HostProcess, { recording_id }: StartRecordingResult): void {
  const then = Date.now() / 1000 - 60;
  utimesSync(join(state_dir, "recordings", recording_id, "journal.json"), then, then);
}

test("host killed, and somebody else finishes the file by now: the rest comes into another one beside it", async () => {
  const first = await host();
  const p = await publish(first);
  const path = join(folder(), "talk.mp4");
  const started = await record(p, { path });
  await recorded(first, started, 2);
  first.kill("SIGKILL");
  await p.abandon();
  await first.ended();
  writtenLongAgo(first, started);
  const second = await host({ state_dir: first.state_dir }); // it resumes nothing
  await until("the first file", async () => (await info(second, started)).status === "recovered", 20_000);
  const resume = { ...p.identity, generation: p.identity.generation + 1 };
  const q = await publish(second, { resume, first_run: p.run + 1, recording_id: started.recording_id });
  const next = await until("the second one", () => {
    const told = second.heard("recording_changed").map(({ recording }) => recording);
    return told.find(({ status }) => status === "recording");
  });
  expect(next).toMatchObject({ file_path: join(dirname(path), "talk (2).mp4"), stream_id: p.stream_id });
  await recorded(second, next, 2);
  const stopped = await stop(q);
  for (const file of [path, stopped.file_path]) expect((await watch(file)).frames).toBeGreaterThan(30);
});

test("the disk takes no more, for real: the recording ends and says why, the stream goes on, the next host makes the file", async () => {
  // A limit on the size of files, in blocks of 512 bytes: what a full disk does, and needs no rights.
  const limited = { under: ["sh", "-c", 'ulimit -f 2000; exec "$@"', "sh"] };
  const first = await host(limited);
  const p = await publish(first, { media: { bitrate: 3_000_000 } });
  const started = await record(p);
  const failed = await until(
    "the end of the recording",
    async () => {
      const now = await info(first, started);
      return now.status === "failed" && now;
    },
    60_000,
  );
  expect(failed.error).toMatchObject({ code: expect.stringMatching(/^recording_(failed|path_unusable)$/) });
  expect(first.log).toContain("files there can't grow any larger");
  const told = first.heard("recording_changed").map(({ recording: { status, error } }) => ({ status, error }));
  expect(told.find(({ status }) => status === "finishing")?.error).toMatchObject({ code: "recording_path_unusable" });
  await first.peer.call("getStreamStatus", { stream_id: p.stream_id }).then((status) => {
    expect(status).toMatchObject({ active: true, status: { state: "active", recording: null } });
  });
  await p.stop();
  first.hangUp();
  await first.ended(5_000);
  const second = await host({ state_dir: first.state_dir });
  await until("the file", async () => (await info(second, started)).status === "recovered", 20_000);
  const seen = await watch(started.file_path);
  expect(seen.complaints).toEqual([]);
  expect(seen.last_frame).toBeGreaterThan(1.5);
  expectSync(seen);
});
