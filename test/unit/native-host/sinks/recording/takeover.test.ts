// What becomes of a recording whose host has died: it goes on or is finished, also when it is stopped meanwhile.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RecordableStream } from "../../../../../native-host/sinks/recording/recording.ts";
import { Recordings } from "../../../../../native-host/sinks/recording/recordings.ts";
import {
  type RecordingJournal,
  readRecording,
  recordingFolder,
  writeJournal,
} from "../../../../../protocol/node/recording-files.ts";
import { recordableStream, writeRun } from "../../../../fixtures/recording/stream.ts";
import { makeRun } from "../../packager/media.ts";

/** Above every id that Linux gives. */
const DEAD = 2 ** 22 + 1;
const LONG = 60_000;

let home: string;
let stream: RecordableStream;
let recording_id: string;
const open: Recordings[] = [];

/** The recordings of a host. */
function hosted(resume_within = LONG): Recordings {
  const recordings = new Recordings({
    ...{ home, resume_within, ffmpegPath: async () => "ffmpeg" },
    look: async () => ({ disk: 1, free: 1e12 }),
  });
  open.push(recordings);
  return recordings;
}

/** What the host before has written last. */
function leave(change: Partial<RecordingJournal>): void {
  const folder = recordingFolder(home, recording_id);
  const stored = readRecording(folder);
  if (stored) writeJournal(folder, { ...stored.journal, ...change }, false);
}

const recordsOn = (recordings: Recordings) => recordings.list().some(({ status }) => status === "recording");

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "flybrowser-takeover-"));
  stream = recordableStream();
  writeRun(stream.media, 0, await makeRun({ seconds: 2, offset: 0 }));
  const before = hosted();
  ({ recording_id } = await before.start(stream, { path: join(home, "talk.mp4") }));
  await before.close();
  leave({ status: "recording", pid: DEAD });
});
afterEach(async () => {
  for (const recordings of open.splice(0)) await recordings.close();
  rmSync(home, { recursive: true, force: true });
});

test("stopped while the host before still holds it: it is finished, and nothing records on", async () => {
  leave({ pid: process.pid });
  const next = hosted();
  const resuming = next.resume(stream, recording_id);
  expect(next.recordedStream(recording_id)).toBe("s");
  const stopping = next.stop("s");
  leave({ status: "interrupted" });
  await expect(stopping).resolves.toMatchObject({ recording_id, status: "recovered" });
  await resuming;
  expect(recordsOn(next)).toBe(false);
});

test("stopped before its stream has come: it is finished, and doesn't go on when that comes", async () => {
  const next = hosted();
  void next.recover([recording_id]);
  expect(next.recordedStream(recording_id)).toBe("s");
  await expect(next.stop("s")).resolves.toMatchObject({ recording_id, status: "recovered" });
  await next.resume(stream, recording_id);
  expect(recordsOn(next)).toBe(false);
  expect(next.list()).toHaveLength(1);
});

test("its stream is closed before it goes on: it is finished", async () => {
  const next = hosted();
  await next.resume({ ...stream, is_over: true }, recording_id);
  await vi.waitFor(() => expect(next.find(recording_id)?.status).toBe("recovered"), 30_000);
  await expect(next.stop("s")).resolves.toMatchObject({ status: "recovered" });
});

test("promised and not brought: it is finished", async () => {
  expect(await hosted(20).recover([recording_id])).toBe(1);
  expect(hosted().find(recording_id)?.status).toBe("recovered");
});

test("died a moment ago under a tab of another browser: it is left to that for a while", async () => {
  const other = hosted(300);
  const recovering = other.recover();
  expect(other.find(recording_id)?.status).toBe("interrupted");
  const next = hosted();
  await next.resume(stream, recording_id);
  expect(await recovering).toBe(0);
  expect(next.find(recording_id)?.status).toBe("recording");
  await expect(next.stop("s")).resolves.toMatchObject({ recording_id, status: "finished" });
});

test("goes on in a second file: the first one's id stands for it", async () => {
  leave({ status: "finishing", pid: process.pid });
  const next = hosted();
  await next.resume(stream, recording_id);
  leave({ status: "recovered" });
  const second = next.list().find(({ status }) => status === "recording");
  expect(second).toMatchObject({ continued_from: recording_id, file_path: join(home, "talk (2).mp4") });
  expect(next.recordedStream(recording_id)).toBe("s");
  expect(hosted().recordedStream(recording_id)).toBeNull();
  await expect(next.stop("s")).resolves.toMatchObject({ recording_id: second?.recording_id, status: "finished" });
  expect(next.recordedStream(recording_id)).toBeNull();
  await expect(next.stop("s")).rejects.toMatchObject({ code: "no_active_recording" });
});
