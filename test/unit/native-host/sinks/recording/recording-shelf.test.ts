// What a process knows of recordings: its own as they are now, all others from their journals; and what a failed beginning leaves.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RecordableStream } from "../../../../../native-host/sinks/recording/recordable-stream.ts";
import { RecordingShelf } from "../../../../../native-host/sinks/recording/recording-shelf.ts";
import { reserveTarget } from "../../../../../native-host/sinks/recording/target-path.ts";
import { MediaFeed } from "../../../../../native-host/stream/media-feed.ts";
import { type RecordingJournal, recordingFolder, writeJournal } from "../../../../../protocol/node/recording-files.ts";
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
let shelf: RecordingShelf;
let media: RunMedia;

beforeAll(async () => {
  media = await makeRun({ seconds: 1, offset: 0 });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flybrowser-shelf-"));
  home = join(root, "recordings");
  free = 1e12;
  const feed = new MediaFeed();
  feed.openRun(0, ["video", "audio"]);
  feed.write(0, "video", media.video);
  feed.write(0, "audio", media.audio);
  stream = {
    ...{ stream_id: "s", identity: { started_at: 0 }, feed, source: { url: "u", title: "t", codec: "h264" } },
    ...{ tasks: { list: () => [] }, is_over: false, waitUntilRecordable: async () => {} },
  } as unknown as RecordableStream;
  shelf = new RecordingShelf({ home, ffmpegPath: async () => "ffmpeg", look: async () => ({ disk: 1, free }) });
});
afterEach(async () => {
  await shelf.close();
  rmSync(root, { recursive: true, force: true });
});

/** A reserved file. */
function target(name: string) {
  const path = join(root, name);
  return { format: "mp4", file_path: reserveTarget({ path, format: "mp4", url: "u", at: new Date() }) } as const;
}

function store(recording_id: string, change: Partial<RecordingJournal> = {}): void {
  writeJournal(recordingFolder(home, recording_id), { ...DONE, recording_id, ...change }, false);
}

test("its own recordings are told as they are now, the others by their journals, the youngest first", async () => {
  store("old");
  const { recording_id } = await shelf.begin(stream, target("talk.mp4"));
  expect(shelf.list().map((info) => [info.recording_id, info.status])).toEqual([
    [recording_id, "recording"],
    ["old", "finished"],
  ]);
  expect(shelf.find(recording_id)?.duration_seconds).toBeGreaterThan(0); // the journal says 0 still
  expect(shelf.find("old")?.status).toBe("finished");
  expect([shelf.find("none"), shelf.find("../recordings/old")]).toEqual([null, null]);
});

test("a stream is recorded once at a time", async () => {
  shelf.assertFree(stream);
  await shelf.begin(stream, target("talk.mp4"));
  expect(() => shelf.assertFree(stream)).toThrow(expect.objectContaining({ code: "recording_already_active" }));
  await expect(shelf.begin(stream, target("again.mp4"))).rejects.toMatchObject({ code: "recording_already_active" });
  expect(existsSync(join(root, "again.mp4"))).toBe(false);
  expect(shelf.list()).toHaveLength(1);
});

test("what can't begin leaves nothing", async () => {
  free = 0;
  const full = target("talk.mp4");
  expect(existsSync(full.file_path)).toBe(true);
  await expect(shelf.begin(stream, full)).rejects.toMatchObject({ code: "disk_full" });
  free = 1e12;
  const over = { ...stream, is_over: true } as RecordableStream;
  await expect(shelf.begin(over, target("over.mp4"))).rejects.toMatchObject({ code: "no_active_stream" });
  expect(readdirSync(root).filter((name) => name.endsWith(".mp4"))).toEqual([]);
  expect([readdirSync(home), shelf.latest("s")]).toEqual([[], null]);
});

test("a recording stands for those that it continues", async () => {
  store("first");
  store("second", { continued_from: "first" });
  const { recording_id } = await shelf.begin(stream, { ...target("talk.mp4"), continued_from: "second" });
  for (const id of ["first", "second", recording_id]) expect(shelf.recordedStream(id)).toBe("s");
  expect(shelf.recordedStream("third")).toBeNull();
  await shelf.latest("s")?.end(null);
  expect(shelf.recordedStream("first")).toBeNull();
});

test("what is left is finished, and told of as its stream's where that is known", async () => {
  const told: string[] = [];
  shelf.onChange(({ status }) => told.push(status));
  const stored = (recording_id: string) => ({
    ...{ folder: recordingFolder(home, recording_id), alive: true, written: 0 },
    journal: { ...DONE, recording_id, status: "finishing" } as const,
  });
  store("one", { status: "finishing" });
  store("two", { status: "finishing" });
  const one = shelf.finish(stored("one"));
  expect(shelf.latest("s")).toBeNull();
  const two = shelf.finish(stored("two"), "s");
  expect(shelf.latest("s")).toBe(two);
  await Promise.all([one.end(null), two.end(null)]);
  expect(told.filter((status) => status === "failed")).toHaveLength(2); // they have no media
  shelf.forget("s");
  expect([shelf.latest("s"), shelf.find("two")?.status]).toEqual([null, "failed"]);
});

test("closed in the middle: the recording is left for another process, and nothing more begins", async () => {
  const { recording_id } = await shelf.begin(stream, target("talk.mp4"));
  expect([await shelf.close(), shelf.closed]).toEqual([1, true]);
  expect(shelf.find(recording_id)?.status).toBe("interrupted");
  await expect(shelf.begin(stream, target("more.mp4"))).rejects.toMatchObject({ code: "no_active_stream" });
});
