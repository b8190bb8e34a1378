// The writer against disks that are slow, full or fine.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type AppendFile, MAX_WAITING, MediaWriter } from "../../../../../native-host/sinks/recording/media-writer.ts";

test("writes each file in order, and syncs what it wrote", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-writer-"));
  const onError = vi.fn();
  const writer = new MediaWriter({ folder, onError });
  for (let index = 0; index < 100; index++) writer.append(index % 2 ? "odd" : "even", Buffer.from(`${index} `));
  await writer.close();
  await writer.close();
  const numbers = (name: string) => readFileSync(join(folder, name), "utf8").trim().split(" ").map(Number);
  expect(numbers("even")).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
  expect(numbers("odd")).toHaveLength(50);
  expect(writer.waiting_bytes).toBe(0);
  expect(onError).not.toHaveBeenCalled();
  rmSync(folder, { recursive: true });
});

test("syncs within about a second while nothing else comes, and once for what is the same", async () => {
  vi.useFakeTimers();
  const file = { appendFile: vi.fn(async () => {}), datasync: vi.fn(async () => {}), close: vi.fn(async () => {}) };
  const writer = new MediaWriter({ folder: "/", onError: () => {}, openFile: async () => file as AppendFile });
  writer.append("a", Buffer.alloc(10));
  await vi.advanceTimersByTimeAsync(10);
  expect(file.appendFile).toHaveBeenCalledTimes(1);
  expect(file.datasync).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(file.datasync).toHaveBeenCalledTimes(1);
  writer.append("a", Buffer.alloc(10));
  await writer.close();
  expect(file.datasync).toHaveBeenCalledTimes(2);
  expect(file.close).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

test("refuses what the disk is too slow for, and takes more once there is room", async () => {
  const release: (() => void)[] = [];
  const slow = {
    appendFile: () => new Promise<void>((resolve) => release.push(resolve)),
    datasync: async () => {},
    close: async () => {},
  };
  const writer = new MediaWriter({ folder: "/", onError: () => {}, openFile: async () => slow as AppendFile });
  expect(writer.append("a", Buffer.alloc(MAX_WAITING - 10))).toBe(true);
  expect(writer.append("a", Buffer.alloc(11))).toBe(false);
  await vi.waitFor(() => expect(release).toHaveLength(1));
  release[0]?.();
  await vi.waitFor(() => expect(writer.waiting_bytes).toBe(0));
  expect(writer.append("a", Buffer.alloc(11))).toBe(true);
  await vi.waitFor(() => expect(release).toHaveLength(2));
  release[1]?.();
  await writer.close();
});

test("a full disk is told once, and nothing is written after it", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const appendFile = vi.fn(async () => Promise.reject(full));
  const onError = vi.fn();
  const file = { appendFile, datasync: async () => {}, close: async () => {} };
  const writer = new MediaWriter({ folder: "/", onError, openFile: async () => file as unknown as AppendFile });
  writer.append("a", Buffer.alloc(10));
  await vi.waitFor(() => expect(onError).toHaveBeenCalledExactlyOnceWith(full));
  expect(writer.append("a", Buffer.alloc(10))).toBe(false);
  await writer.close();
  expect(appendFile).toHaveBeenCalledTimes(1);
  expect(onError).toHaveBeenCalledTimes(1);
});
