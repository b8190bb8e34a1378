// Which recordings nobody works on, and that only one process takes each.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  mayComeBack,
  recentOrphans,
  takeAllToFinish,
  takeToFinish,
  untilReleased,
} from "../../../../../native-host/sinks/recording/orphans.ts";
import { identityOf } from "../../../../../protocol/node/processes.ts";
import {
  listRecordings,
  type RecordingJournal,
  recordingFolder,
  storedInfo,
  writeJournal,
} from "../../../../../protocol/node/recording-files.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "flybrowser-orphans-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Above every id that Linux gives. */
const DEAD = 2 ** 22 + 1;
const LONG = 60_000;

/** When its process was last heard of, s ago. */
function writtenAgo(folder: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(join(folder, "journal.json"), then, then);
}

function store(recording_id: string, change: Partial<RecordingJournal>): string {
  const folder = recordingFolder(home, recording_id);
  const journal: RecordingJournal = {
    ...{ version: 1, recording_id, stream_id: "s", status: "recording", format: "mp4", pid: DEAD, title: "", url: "" },
    ...{ file_path: "/nowhere.mp4", started_at: "2026-01-31T10:00:00.000Z", duration_seconds: 1, size_bytes: 1 },
    ...{ chapters: [], progress: null, error: null, stream_started_at: 0, tasks: [], attempts: 0 },
    ...change,
  };
  writeJournal(folder, journal, false);
  writtenAgo(folder, 15);
  return folder;
}

const ids = (): string[] => takeAllToFinish(home).map(({ journal }) => journal.recording_id);

test("takes what a dead process was at, once", () => {
  store("recorded", {});
  store("finished-half", { status: "finishing" });
  store("left", { status: "interrupted", pid: process.pid }); // its process may still be ending
  store("failed", { status: "failed", attempts: 2 });
  expect(ids().sort()).toEqual(["failed", "finished-half", "left", "recorded"]);
  expect(ids()).toEqual([]);
  expect(listRecordings(home).map(({ journal }) => journal.pid)).toEqual(Array(4).fill(process.pid));
});

test("leaves what was recorded until a moment ago: its tab may live, and go on in a host that is about to come", () => {
  const folder = store("just now", {});
  const finishing = store("half", { status: "finishing" });
  for (const each of [folder, finishing]) writtenAgo(each, 5);
  expect(recentOrphans(home)).toEqual(["just now"]);
  expect(ids()).toEqual(["half"]);
  expect(takeToFinish(folder)?.journal).toMatchObject({ recording_id: "just now", status: "finishing" });
  expect(recentOrphans(home)).toEqual([]);
});

test("what was recorded of a browser that is gone is taken at once", () => {
  const gone = { ...identityOf(process.pid), pid: DEAD };
  const folder = store("tab gone", { browser: gone });
  const living = store("tab lives", { browser: identityOf(process.pid) });
  for (const each of [folder, living]) writtenAgo(each, 1);
  expect(recentOrphans(home)).toEqual(["tab lives"]);
  expect(mayComeBack(home)).toBe(true);
  expect(ids()).toEqual(["tab gone"]);
  takeToFinish(living);
  expect(mayComeBack(home)).toBe(false);
});

test("an owner is known by its start, its boot and its container too", () => {
  const own = identityOf(process.pid);
  const [boot, pids, name] = own.space?.split(" ") ?? [];
  const other = { ...own, space: [boot, "pid:[1]", name].join(" ") };
  store("own", { pid: process.pid, owner: own });
  store("id came again", { pid: process.pid, owner: { ...own, started: "0" } });
  store("before the restart", { pid: process.pid, owner: { ...own, space: ["boot", pids, name].join(" ") } });
  const elsewhere = store("in another container", { pid: process.pid, owner: other });
  expect(ids().sort()).toEqual(["before the restart", "id came again"]);
  writtenAgo(elsewhere, 60);
  expect(ids()).toEqual(["in another container"]);
});

test("leaves what somebody works on, what is done, and what has failed often", () => {
  store("alive", { pid: process.pid });
  store("done", { status: "finished" });
  store("hopeless", { status: "failed", attempts: 3 });
  expect(ids()).toEqual([]);
});

test("a process id that came again is not the one that recorded", () => {
  const folder = store("old", { pid: process.pid });
  writtenAgo(folder, 3600);
  expect(listRecordings(home).map((stored) => storedInfo(stored).status)).toEqual(["interrupted"]);
  expect(ids()).toEqual(["old"]);
});

test("another one's lock is respected while it lives", () => {
  const folder = store("claimed", {});
  writeFileSync(join(folder, "claim"), String(process.pid));
  expect(ids()).toEqual([]);
  writeFileSync(join(folder, "claim"), String(DEAD));
  expect(ids()).toEqual(["claimed"]);
});

test("what is no recording is passed over", () => {
  mkdirSync(join(home, "empty"));
  mkdirSync(join(home, "broken"));
  writeFileSync(join(home, "broken", "journal.json"), "{");
  expect(ids()).toEqual([]);
  expect(listRecordings(join(home, "missing"))).toEqual([]);
});

test("a recording that its host holds is waited for until it lets go", async () => {
  const folder = store("held", { pid: process.pid });
  const waiting = untilReleased(folder, LONG);
  store("held", { pid: process.pid, status: "interrupted" });
  await expect(waiting).resolves.toMatchObject({ journal: { status: "interrupted" } });
});

test("a host that doesn't let go isn't waited for for ever", async () => {
  const folder = store("held", { pid: process.pid });
  await expect(untilReleased(folder, 150)).resolves.toMatchObject({ alive: true, journal: { status: "recording" } });
});

test("what nobody holds isn't waited for", async () => {
  await expect(untilReleased(join(home, "missing"), LONG)).resolves.toBeNull();
  await expect(untilReleased(store("dead", {}), LONG)).resolves.toMatchObject({ alive: false });
  const finishing = store("finishing", { status: "finishing", pid: process.pid });
  await expect(untilReleased(finishing, LONG)).resolves.toMatchObject({ journal: { status: "finishing" } });
});
