// What this user has on this machine: a home folder and one for temporary files, also where the system doesn't say so or they
// can't be written to.
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../errors.ts";
import { sentence } from "../sentence.ts";

/** Files that a browser, a host and an FFmpeg have open together, at the least. */
const LEAST_FILES = 256;
/** Bytes that a browser's profile takes, at the least. */
const LEAST_ROOM = 64 * 1024 * 1024;

/** Whether a folder can be written to, or could be made. */
export function isWritable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      if (!statSync(at).isDirectory()) return false;
      accessSync(at, constants.W_OK | constants.X_OK);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== "ENOENT" && code !== "ENOTDIR") || at === dirname(at)) return false;
    }
  }
}

/**
 * The folder for temporary files: the system's, or, where that can't be written to, `/tmp`.
 * @throws FlyBrowserError `environment_unusable`
 */
export function temporaryDirectory(): string {
  const usual = tmpdir();
  const found = [usual, ...(process.platform === "win32" ? [] : ["/tmp", "/var/tmp"])].find((path) => {
    return existsSync(path) && isWritable(path);
  });
  if (found !== undefined) return found;
  const reason = sentence("environment.no_temp", { path: usual });
  throw new FlyBrowserError("environment_unusable", { reason, advice: sentence("environment.set_tmpdir") });
}

/** This user's own folder among the temporary ones. Its path is no secret: who uses it checks whose it is. */
export function ownTemporaryDirectory(): string {
  return join(temporaryDirectory(), `flybrowser-stream-${process.getuid?.() ?? "user"}`);
}

/** The user's home; a user without one, as in many containers, gets a folder among the temporary ones. */
export function homeDirectory(): string {
  try {
    return homedir(); // it throws where HOME isn't set and the user has no entry among the system's
  } catch {
    return ownTemporaryDirectory();
  }
}

/** Files that a process here may have open; `null`: the system doesn't say. */
function openFilesLimit(): number | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? null : Number(limit);
  } catch {
    return null;
  }
}

/**
 * Fails where no browser could be started, before anything is.
 * @throws FlyBrowserError `environment_unusable`
 */
export function assertEnvironment(): void {
  const limit = openFilesLimit();
  if (limit !== null && limit < LEAST_FILES) {
    const reason = sentence("environment.few_files", { limit, least: LEAST_FILES });
    throw new FlyBrowserError("environment_unusable", { reason, advice: sentence("environment.raise_limit") });
  }
  const path = temporaryDirectory();
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize >= LEAST_ROOM) return;
  const reason = sentence("environment.little_room", { path, megabytes: Math.floor((bavail * bsize) / 1e6) });
  throw new FlyBrowserError("environment_unusable", { reason, advice: sentence("environment.set_tmpdir") });
}
