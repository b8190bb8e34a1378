// How a file is opened, by tiny openers that do what real ones do: open it, find no program for it, or run on.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { playRecordingCommand } from "../../../cli/recordings-command.ts";
import { openerOf, openFile } from "../../../protocol/node/open-file.ts";
import { type RecordingJournal, recordingFolder, writeJournal } from "../../../protocol/node/recording-files.ts";

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flybrowser-opener-"));
  said = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Puts a program that runs these lines of shell into the one folder of the path. */
function opener(name: string, lines: string): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}
const linux = (fails_within = 20_000) => ({
  ...{ platform: "linux" as const, env: { PATH: join(folder, "bin") }, fails_within },
});

test("the system's opener comes first, then players", () => {
  const path = "/a.mp4";
  expect(openerOf(path, "play", "darwin", {})).toEqual(["open", [path]]);
  expect(openerOf("C:\\a.mp4", "play", "win32", {})).toEqual(["explorer.exe", ["C:\\a.mp4"]]);
  expect(openerOf(path, "show", "darwin", {})).toEqual(["open", ["-R", path]]);
  expect(openerOf("C:\\a.mp4", "show", "win32", {})).toEqual(["explorer.exe", ["/select,C:\\a.mp4"]]);
  expect(openerOf(path, "play", "linux", { PATH: folder })).toBeNull();
  for (const name of ["ffplay", "mpv"]) opener(name, "");
  const env = { PATH: `:/nowhere:${join(folder, "bin")}` };
  expect(openerOf(path, "play", "linux", env)).toEqual(["mpv", [path]]);
  expect(openerOf(path, "show", "linux", env)).toBeNull(); // players show no folders
  opener("xdg-open", "");
  expect(openerOf(path, "play", "linux", env)).toEqual(["xdg-open", [path]]);
});

test("an opener gets the path, and is named", async () => {
  opener("xdg-open", `echo "$1" > ${folder}/opened`);
  await openFile("/videos/a talk.mp4", "play", { ...linux(), onProgram: (program) => void said.push(program) });
  expect(readFileSync(join(folder, "opened"), "utf8")).toBe("/videos/a talk.mp4\n");
  expect(said).toEqual(["xdg-open"]);
  await openFile("/videos/a talk.mp4", "show", linux());
  expect(readFileSync(join(folder, "opened"), "utf8")).toBe("/videos\n");
});

test.each([
  ["xdg-open", "exit 3", "/a.mp4 was not opened: xdg-open exited with 3 (no program for such files was found)."],
  ["xdg-open", "exit 4", "/a.mp4 was not opened: xdg-open exited with 4 (the program for such files failed)."],
  ["mpv", "exit 2", "/a.mp4 was not opened: mpv exited with 2."],
  ["mpv", "kill -KILL $$", "/a.mp4 was not opened: mpv was ended by SIGKILL."],
])("%s that does `%s` has not opened anything", async (name, lines, message) => {
  opener(name, lines);
  await expect(openFile("/a.mp4", "play", linux())).rejects.toMatchObject({ code: "player_failed", message });
});

test("a player that runs on is left alone", async () => {
  opener("mpv", `echo $$ > ${folder}/pid; exec /bin/sleep 60`);
  await openFile("/a.mp4", "play", linux(50));
  const pid = await vi.waitFor(
    () => {
      const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
      if (!(pid > 1)) throw new Error("not written yet"); // 0 would be this process's own group
      return pid;
    },
    { timeout: 8_000 },
  );
  expect(process.kill(pid, "SIGKILL")).toBe(true);
});

test("without any program the path is said", async () => {
  await expect(openFile("/a.mp4", "play", linux())).rejects.toMatchObject({
    code: "player_not_found",
    message: expect.stringContaining("/a.mp4"),
  });
});

test("`recordings play` of a file that nothing opens ends with an error and the file's path", async () => {
  const file_path = join(folder, "talk.mp4");
  writeFileSync(file_path, "media");
  const journal: RecordingJournal = {
    ...{ version: 1, pid: process.pid, stream_started_at: 0, tasks: [], attempts: 1 },
    ...{ recording_id: "rec_1", stream_id: "stream_1", status: "finished", format: "mp4", title: "", url: "" },
    ...{ file_path, started_at: new Date(0).toISOString(), duration_seconds: 1, size_bytes: 5, chapters: [] },
    ...{ progress: null, error: null },
  };
  writeJournal(recordingFolder(join(folder, "notes"), "rec_1"), journal, false);
  vi.stubEnv("FLYBROWSER_RECORDINGS_DIR", join(folder, "notes"));
  vi.stubEnv("PATH", join(folder, "bin"));
  const system = process.platform === "darwin" ? "open" : "xdg-open";
  opener(system, "exit 3");
  const playing = playRecordingCommand("rec");
  await expect(playing).rejects.toMatchObject({ code: "player_failed", message: expect.stringContaining(file_path) });
  await expect(playing).rejects.toThrow(`${system} exited with 3`);
  expect(said.join("")).not.toContain("Playing");
});
