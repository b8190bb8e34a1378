// That waiting ends: with what was waited for, or with its time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { before, letGo } from "../../../../../native-host/sinks/recording/waits.ts";
import { type RecordingJournal, writeJournal } from "../../../../../protocol/node/recording-files.ts";

const LONG = 60_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flybrowser-waits-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(status: RecordingJournal["status"], pid = process.pid): void {
  const journal: RecordingJournal = {
    ...{ version: 1, recording_id: "r", stream_id: "s", status, format: "mp4", pid, title: "", url: "" },
    ...{ file_path: "/nowhere.mp4", started_at: "2026-01-31T10:00:00.000Z", duration_seconds: 1, size_bytes: 1 },
    ...{ chapters: [], progress: null, error: null, stream_started_at: 0, tasks: [], attempts: 0 },
  };
  writeJournal(folder, journal, false);
}

test("work that is done in time is waited for, and leaves no timer", async () => {
  vi.useFakeTimers();
  try {
    let done = false;
    await before(
      Promise.resolve().then(() => {
        done = true;
      }),
      LONG,
    );
    expect([done, vi.getTimerCount()]).toEqual([true, 0]);
  } finally {
    vi.useRealTimers();
  }
});

test("work that takes longer isn't waited for", async () => {
  await expect(before(new Promise(() => {}), 10)).resolves.toBeUndefined();
});

test("work that fails fails", async () => {
  await expect(before(Promise.reject(new Error("no")), LONG)).rejects.toThrow("no");
});

test("a recording that its host holds is waited for until it lets go", async () => {
  write("recording");
  const waiting = letGo(folder, LONG);
  write("interrupted");
  await expect(waiting).resolves.toMatchObject({ journal: { status: "interrupted" } });
});

test("a host that doesn't let go isn't waited for for ever", async () => {
  write("recording");
  await expect(letGo(folder, 150)).resolves.toMatchObject({ alive: true, journal: { status: "recording" } });
});

test("what nobody holds isn't waited for", async () => {
  await expect(letGo(folder, LONG)).resolves.toBeNull();
  write("recording", 2 ** 22 + 1); // above every id that Linux gives
  await expect(letGo(folder, LONG)).resolves.toMatchObject({ alive: false });
  write("finishing");
  await expect(letGo(folder, LONG)).resolves.toMatchObject({ journal: { status: "finishing" } });
});
