// The media files on disks that are slow, full or fine.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type AppendFile, MediaFiles } from "../../../../../native-host/sinks/recording/media-files.ts";

test("writes each file in order, and syncs what it wrote", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-media-"));
  const onError = vi.fn();
  const files = new MediaFiles({ folder, onError });
  for (let index = 0; index < 100; index++) void files.append(index % 2 ? "odd" : "even", Buffer.from(`${index} `));
  await files.close();
  await files.close();
  const numbers = (name: string) => readFileSync(join(folder, name), "utf8").trim().split(" ").map(Number);
  expect(numbers("even")).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
  expect(numbers("odd")).toHaveLength(50);
  expect(files.bytes).toBe(numbers("even").join(" ").length + numbers("odd").join(" ").length + 2);
  expect(onError).not.toHaveBeenCalled();
  rmSync(folder, { recursive: true });
});

test("syncs within about a second while nothing else comes, and once for what is the same", async () => {
  vi.useFakeTimers();
  const file = { appendFile: vi.fn(async () => {}), datasync: vi.fn(async () => {}), close: vi.fn(async () => {}) };
  const files = new MediaFiles({ folder: "/", onError: () => {}, openFile: async () => file as AppendFile });
  void files.append("a", Buffer.alloc(10));
  void files.append("a", Buffer.alloc(10));
  await vi.advanceTimersByTimeAsync(300);
  expect(file.appendFile).toHaveBeenCalledTimes(1);
  expect(file.datasync).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(file.datasync).toHaveBeenCalledTimes(1);
  void files.append("a", Buffer.alloc(10));
  await files.close();
  expect(file.datasync).toHaveBeenCalledTimes(2);
  expect(file.close).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

test("what the disk still works on when it is closed is synced, once, and no file is touched after it", async () => {
  vi.useFakeTimers();
  let written = () => {};
  let isOpen = true;
  const calls: string[] = [];
  const file = {
    appendFile: () => new Promise<void>((resolve) => (written = resolve)),
    datasync: async () => {
      if (!isOpen) throw new Error("file closed");
      calls.push("datasync");
    },
    close: async () => {
      isOpen = false;
      calls.push("close");
    },
  };
  const onError = vi.fn();
  const files = new MediaFiles({ folder: "/", onError, openFile: async () => file as unknown as AppendFile });
  void files.append("a", Buffer.alloc(10));
  await vi.advanceTimersByTimeAsync(300);
  const closed = files.close(); // nothing waits any more
  written();
  await closed;
  await files.close();
  expect(calls).toEqual(["datasync", "close"]);
  expect(onError).not.toHaveBeenCalled();
  vi.useRealTimers();
});

test("says when the disk is behind, and writes one batch after the other", async () => {
  const taken: (() => void)[] = [];
  const appendFile = vi.fn((_: Uint8Array) => new Promise<void>((resolve) => taken.push(resolve)));
  const file = { appendFile, datasync: async () => {}, close: async () => {} };
  const openFile = async () => file as unknown as AppendFile;
  const files = new MediaFiles({ folder: "/", onError: () => {}, openFile, batch: { ms: 60_000, bytes: 20 } });
  expect(files.append("a", Buffer.alloc(10))).toBeUndefined();
  expect(files.append("a", Buffer.alloc(10))).toBeUndefined(); // a batch, which the disk works on
  expect(files.append("a", Buffer.alloc(19))).toBeUndefined();
  const behind = files.append("a", Buffer.alloc(1));
  expect(behind).toBeInstanceOf(Promise);
  await vi.waitFor(() => expect(taken).toHaveLength(1));
  taken[0]?.();
  await vi.waitFor(() => expect(taken).toHaveLength(2));
  taken[1]?.();
  await behind;
  expect(appendFile.mock.calls.map(([data]) => data.length)).toEqual([20, 20]);
  expect(files.append("a", Buffer.alloc(5))).toBeUndefined();
  expect(files.bytes).toBe(45);
  const closed = files.close();
  await vi.waitFor(() => expect(taken).toHaveLength(3));
  taken[2]?.();
  await closed;
});

test("a full disk is told once, and nothing is written after it", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const appendFile = vi.fn(async () => Promise.reject(full));
  const onError = vi.fn();
  const file = { appendFile, datasync: async () => {}, close: async () => {} };
  const openFile = async () => file as unknown as AppendFile;
  const files = new MediaFiles({ folder: "/", onError, openFile, batch: { ms: 60_000, bytes: 10 } });
  void files.append("a", Buffer.alloc(10));
  await vi.waitFor(() => expect(onError).toHaveBeenCalledExactlyOnceWith(full));
  await files.append("a", Buffer.alloc(10));
  await files.close();
  expect(appendFile).toHaveBeenCalledTimes(1);
  expect(onError).toHaveBeenCalledTimes(1);
});
