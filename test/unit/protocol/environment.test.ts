// A machine that isn't as it should be: it works all the same, or there is one clear error before anything starts.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { assertEnvironment, isWritable, temporaryDirectory } from "../../../protocol/node/environment.ts";
import { identityOf } from "../../../protocol/node/processes.ts";
import { ensureStateDirectory, stateDirectory } from "../../../protocol/node/state-directory.ts";
import { createProfile, profileStateDirectory, removeProfile } from "../../../sdk/profile.ts";

const ROOT = join(import.meta.dirname, "../../..");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "environment-test-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test("TMPDIR that is missing, or is a file: there is another one", () => {
  vi.stubEnv("TMPDIR", join(folder, "missing"));
  expect(temporaryDirectory()).toBe("/tmp");
  writeFileSync(join(folder, "file"), "");
  vi.stubEnv("TMPDIR", join(folder, "file"));
  expect(temporaryDirectory()).toBe("/tmp");
  vi.stubEnv("TMPDIR", folder);
  expect(temporaryDirectory()).toBe(folder);
});

test("a home that can't be written to: the state is in a folder of the user among the temporary ones", () => {
  writeFileSync(join(folder, "home"), ""); // also root can't make a folder in it
  vi.stubEnv("HOME", join(folder, "home"));
  vi.stubEnv("TMPDIR", folder);
  for (const name of ["FLYBROWSER_STATE_DIR", "XDG_STATE_HOME"]) vi.stubEnv(name, undefined);
  expect(homedir()).toBe(join(folder, "home"));
  const state = ensureStateDirectory();
  expect(state).toMatch(/environment-test-\w+\/flybrowser-stream-\d+$/);
  expect([state, statSync(state).mode & 0o777]).toEqual([stateDirectory(), 0o700]);
  vi.stubEnv("FLYBROWSER_STATE_DIR", join(folder, "home", "state"));
  expect(() => ensureStateDirectory()).toThrow(/its own folder .* can't be used/);
  expect([isWritable(join(folder, "new", "folder")), isWritable(join(folder, "home", "new"))]).toEqual([true, false]);
});

/** What a program prints in another environment. */
function inChild(program: string, options: object, under: readonly string[] = []): string {
  const args = [...under, process.execPath, "--import", "tsx", "--input-type=module", "-e", program];
  const [command = "", ...rest] = args;
  const { stdout, stderr } = spawnSync(command, rest, { cwd: ROOT, encoding: "utf8", timeout: 20_000, ...options });
  return stdout + stderr;
}

test.skipIf(process.getuid?.() !== 0)("a user without a home and without an entry among the system's", () => {
  const program = `
    const { stateDirectory } = await import("./protocol/node/state-directory.ts");
    await import("./sdk/index.ts");
    console.log(stateDirectory());`;
  const env = { PATH: process.env.PATH, TMPDIR: "/tmp" };
  expect(inChild(program, { env, uid: 54_321, gid: 54_321 })).toMatch(/^\/tmp\/flybrowser-stream-54321\/\S*\n$/);
});

test.skipIf(process.platform !== "linux")("too few files: one clear error", () => {
  const program = `
    const { assertEnvironment } = await import("./protocol/node/environment.ts");
    try { assertEnvironment(); } catch (error) { console.log(error.code, error.message, error.fix); }`;
  const said = inChild(program, {}, ["sh", "-c", 'ulimit -n 100; exec "$@"', "sh"]);
  expect(said).toMatch(/^environment_unusable .*only 100 files may be open.*ulimit -n 4096/);
  expect(() => assertEnvironment()).not.toThrow();
});

describe("a profile of another program", () => {
  const made = (name: string, owner: object | null, age = 0): string => {
    const path = join(folder, name);
    mkdirSync(profileStateDirectory(path), { recursive: true });
    const file = join(profileStateDirectory(path), "owner.json");
    const then = Date.now() / 1000 - age;
    if (owner) {
      writeFileSync(file, JSON.stringify(owner));
      utimesSync(file, then, then);
    }
    utimesSync(path, then, then);
    return path;
  };

  test("is removed when its owner is gone, and never while it lives or may live in another container", async () => {
    vi.stubEnv("TMPDIR", folder);
    const own = identityOf(process.pid);
    const [boot, , name] = own.space?.split(" ") ?? [];
    const dead = 2 ** 22 + 1;
    const elsewhere = { ...own, pid: dead, space: [boot, "pid:[1]", name].join(" ") };
    const living = made(`flybrowser-${process.pid}-living`, own);
    const other = made(`flybrowser-${dead}-others`, elsewhere);
    const unsaid = made(`flybrowser-${dead}-unsaid`, null);
    const gone = made(`flybrowser-${dead}-killed`, { ...own, pid: dead });
    const silent = made(`flybrowser-${dead}-silent`, elsewhere, 2 * 24 * 3600);
    const profile = await createProfile();
    const there = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;
    expect([living, other, unsaid, profile, gone, silent].map(there)).toEqual([true, true, true, true, false, false]);
    removeProfile(profile);
  });
});
