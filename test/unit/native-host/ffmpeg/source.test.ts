// Which FFmpeg there is, remembered from host to host by its file: an answer from memory never outlives the file, nor replaces a look.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FfmpegSource } from "../../../../native-host/ffmpeg/source.ts";
import { until } from "../../../host/harness/processes.ts";

let folder = "";
let ffmpeg = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flybrowser-source-"));
  ffmpeg = join(folder, "ffmpeg");
  vi.stubEnv("FLYBROWSER_FFMPEG", ffmpeg);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const runs = () => (existsSync(`${ffmpeg}.runs`) ? readFileSync(`${ffmpeg}.runs`, "utf8").length : 0);

/** An FFmpeg that counts how often it is run, and fails while there is a file `broken`. */
function install(version: string): void {
  const lines = ["#!/bin/sh", `printf x >> '${ffmpeg}.runs'`, `test ! -e '${folder}/broken' || exit 127`];
  writeFileSync(ffmpeg, [...lines, `echo ffmpeg version ${version}`, ""].join("\n"));
  chmodSync(ffmpeg, 0o755);
}

/** A host that has found it, with what it has left on the disk. */
async function found(version: string): Promise<void> {
  install(version);
  await new FfmpegSource(folder).get();
  await until("it is kept", () => readdirSync(folder).some((name) => /^ffmpeg-[0-9a-f]{16}\.json$/.test(name)));
}

test("the next host knows it without running it, and runs it before it is used", async () => {
  await found("7.0");
  const next = new FfmpegSource(folder);
  expect(await next.known()).toEqual({ path: ffmpeg, version: "7.0" });
  expect(runs()).toBe(1);
  expect(await next.get()).toEqual({ path: ffmpeg, version: "7.0" });
  expect(runs()).toBe(2);
});

test("another file under the same name is run", async () => {
  await found("7.0");
  install("8.0");
  utimesSync(ffmpeg, 1, 1);
  expect(await new FfmpegSource(folder).known()).toEqual({ path: ffmpeg, version: "8.0" });
});

test("one that was removed is missing at once, and found again once it is back", async () => {
  await found("7.0");
  rmSync(ffmpeg);
  const source = new FfmpegSource(folder);
  await expect(source.known()).rejects.toMatchObject({ code: "ffmpeg_not_found" });
  install("7.1");
  expect(await source.known()).toEqual({ path: ffmpeg, version: "7.1" });
});

test("one that no longer runs, its file unchanged, is missed by who uses it, and asked for again", async () => {
  await found("7.0");
  writeFileSync(join(folder, "broken"), "");
  const source = new FfmpegSource(folder);
  expect(await source.known()).toEqual({ path: ffmpeg, version: "7.0" });
  await expect(source.get()).rejects.toMatchObject({ code: "ffmpeg_not_found" });
  rmSync(join(folder, "broken"));
  expect(await source.get()).toEqual({ path: ffmpeg, version: "7.0" });
});
