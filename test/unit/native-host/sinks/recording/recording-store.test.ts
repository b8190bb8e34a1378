// What a process knows of recordings: its own as they are now, all others from their journals; and what a failed beginning leaves.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { RecordableStream } from "../../../../../native-host/sinks/recording/recording.ts";
import { RecordingStore } from "../../../../../native-host/sinks/recording/recording-store.ts";
import { reserveTarget } from "../../../../../native-host/sinks/recording/target-path.ts";
import {
  draftOf,
  type RecordingJournal,
  recordingFolder,
  writeJournal,
} from "../../../../../protocol/node/recording-files.ts";
import { recordableStream, writeRun } from "../../../../fixtures/recording/stream.ts";
import { makeRun, type RunMedia } from "../../packager/media.ts";

const DONE: Omit<RecordingJournal, "recording_id"> = {
  ...{ version: 1, stream_id: "s", status: "finished", format: "mp4", pid: process.pid, title: "", url: "" },
  ...{ file_path: "/nowhere.mp4", started_at: "2020-01-31T10:00:00.000Z", duration_seconds: 1, size_bytes: 1 },
  ...{ chapters: [], progress: null, error: null, stream_started_at: 0, tasks: [], attempts: 0 },
};

let root: string;
let home: string;
let free: number;
let stream: RecordableStream;
let store: RecordingStore;
let media: RunMedia;

beforeAll(async () => {
  media = await makeRun({ seconds: 1, offset: 0 });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flybrowser-store-"));
  home = join(root, "recordings");
  free = 1e12;
  stream = recordableStream();
  writeRun(stream.media, 0, media);
  store = new RecordingStore({ home, ffmpegPath: async () => "ffmpeg", look: async () => ({ disk: 1, free }) });
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

/** A reserved file. */
function target(name: string) {
  const path = join(root, name);
  return { format: "mp4", file_path: reserveTarget({ path, format: "mp4", url: "u", at: new Date() }) } as const;
}

function write(recording_id: string, change: Partial<RecordingJournal> = {}): void {
  writeJournal(recordingFolder(home, recording_id), { ...DONE, recording_id, ...change }, false);
}

test("its own recordings are told as they are now, the others by their journals, the youngest first", async () => {
  write("old");
  const { recording_id } = await store.begin(stream, target("talk.mp4"));
  expect(store.list().map((info) => [info.recording_id, info.status])).toEqual([
    [recording_id, "recording"],
    ["old", "finished"],
  ]);
  expect(store.list().map(({ file_gone }) => file_gone)).toEqual([undefined, true]); // there is no /nowhere.mp4
  // The journal says 0 still.
  await vi.waitFor(() => expect(store.find(recording_id)?.duration_seconds).toBeGreaterThan(0));
  expect(store.find("old")?.status).toBe("finished");
  expect([store.find("none"), store.find("../recordings/old")]).toEqual([null, null]);
});

test("a stream is recorded once at a time", async () => {
  store.assertFree(stream);
  await store.begin(stream, target("talk.mp4"));
  expect(() => store.assertFree(stream)).toThrow(expect.objectContaining({ code: "recording_already_active" }));
  await expect(store.begin(stream, target("again.mp4"))).rejects.toMatchObject({ code: "recording_already_active" });
  expect(existsSync(join(root, "again.mp4"))).toBe(false);
  expect(store.list()).toHaveLength(1);
});

test("what can't begin leaves nothing", async () => {
  free = 0;
  const full = target("talk.mp4");
  expect(existsSync(draftOf(full.file_path))).toBe(true);
  await expect(store.begin(stream, full)).rejects.toMatchObject({ code: "disk_full" });
  free = 1e12;
  const over = { ...stream, is_over: true };
  await expect(store.begin(over, target("over.mp4"))).rejects.toMatchObject({ code: "no_active_stream" });
  expect(readdirSync(root).filter((name) => name.includes(".mp4"))).toEqual([]);
  expect([readdirSync(home), store.latest("s")]).toEqual([[], null]);
});

test("a recording stands for those that it continues", async () => {
  write("first");
  write("second", { continued_from: "first" });
  const { recording_id } = await store.begin(stream, { ...target("talk.mp4"), continued_from: "second" });
  for (const id of ["first", "second", recording_id]) expect(store.recordedStream(id)).toBe("s");
  expect(store.recordedStream("third")).toBeNull();
  await store.latest("s")?.end(null);
  expect(store.recordedStream("first")).toBeNull();
});

test("what is left is finished, and told of as its stream's where that is known", async () => {
  const told: string[] = [];
  store.onChange(({ status }) => told.push(status));
  const stored = (recording_id: string) => ({
    ...{ folder: recordingFolder(home, recording_id), alive: true, written: 0 },
    journal: { ...DONE, recording_id, status: "finishing" } as const,
  });
  write("one", { status: "finishing" });
  write("two", { status: "finishing" });
  const one = store.finish(stored("one"));
  expect(store.latest("s")).toBeNull();
  const two = store.finish(stored("two"), "s");
  expect(store.latest("s")).toBe(two);
  await Promise.all([one.end(null), two.end(null)]);
  expect(told.filter((status) => status === "failed")).toHaveLength(2); // they have no media
  store.forget("s");
  expect([store.latest("s"), store.find("two")?.status]).toEqual([null, "failed"]);
});

test("closed in the middle: the recording is left for another process, and nothing more begins", async () => {
  const { recording_id } = await store.begin(stream, target("talk.mp4"));
  expect([await store.close(), store.closed]).toEqual([1, true]);
  expect(store.find(recording_id)?.status).toBe("interrupted");
  await expect(store.begin(stream, target("more.mp4"))).rejects.toMatchObject({ code: "no_active_stream" });
});
