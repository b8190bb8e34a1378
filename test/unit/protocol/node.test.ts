import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listControlFiles, removeStaleControlFiles, writeControlFile } from "../../../protocol/node/control-files.ts";
import { ensureStateDirectory, hostsDirectory, stateDirectory } from "../../../protocol/node/state-directory.ts";

describe("the state directory", () => {
  test.each([
    [{ FLYBROWSER_STATE_DIR: "/x", XDG_STATE_HOME: "/y" }, "linux", "/x"],
    [{ XDG_STATE_HOME: "/y" }, "linux", "/y/flybrowser-stream"],
    [{}, "linux", "/home/u/.local/state/flybrowser-stream"],
    [{}, "darwin", "/home/u/Library/Application Support/flybrowser-stream"],
  ] as const)("for %o on %s is %s", (environment, platform, path) => {
    expect(stateDirectory(environment, platform, "/home/u")).toBe(path);
  });
});

describe("control files", () => {
  let dir: string;
  beforeEach(() => {
    dir = ensureStateDirectory(mkdtempSync(join(tmpdir(), "flybrowser-state-")));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const file = (pid: number) => ({ pid, port: 1, token: "t", started_at: "2026-01-01T00:00:00Z", host_version: "1" });
  const DEAD = 2 ** 22 + 1; // above Linux's largest process id

  test("name the hosts that run", () => {
    writeControlFile(dir, file(process.pid));
    writeControlFile(dir, file(DEAD));
    writeFileSync(join(hostsDirectory(dir), `${process.ppid}.json`), "{ half");
    expect(listControlFiles(dir)).toEqual([file(process.pid)]);
    expect(removeStaleControlFiles(dir)).toBe(1);
    expect(removeStaleControlFiles(dir)).toBe(0);
  });
  test("are none where there is no directory", () => {
    expect(listControlFiles(join(dir, "missing"))).toEqual([]);
  });
});
