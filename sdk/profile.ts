// The throw-away profile of a browser that the SDK starts: it holds the host's registration and state as well, so
// that nothing outside of it is touched. Never the user's own profile.
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessAlive } from "../protocol/node/control-files.ts";
import { recordingsDirectory } from "../protocol/node/state-directory.ts";
import { NATIVE_HOST_NAME } from "../protocol/version.ts";
import { builtPart } from "./installation.ts";
import { hostManifest, hostSettings, writeHostManifest, writeLauncher } from "./native-host-files.ts";

const PREFIX = "flybrowser-";

/** Where the host of a profile keeps its state. */
export function profileStateDirectory(userDataDir: string): string {
  return join(userDataDir, "flybrowser");
}

/** Profiles of this user's launched browsers, living and dead: `<tmp>/flybrowser-<pid>-<random>`. */
export function throwawayProfiles(): { path: string; pid: number }[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    const pid = /^flybrowser-(\d+)-\w{6}$/.exec(name)?.[1];
    const path = join(tmpdir(), name);
    const mine = pid !== undefined && statSync(path, { throwIfNoEntry: false })?.uid === (process.getuid?.() ?? 0);
    return mine ? [{ path, pid: Number(pid) }] : [];
  });
}

/** The browser that has a profile open, by the lock that Chromium keeps in it (`host-pid`); null: none. */
function browserPid(profile: string): number | null {
  try {
    return Number(readlinkSync(join(profile, "SingletonLock")).split("-").at(-1));
  } catch {
    return null;
  }
}

/** Removes a profile. What a dying browser still writes there is waited for, a little. */
export function removeProfile(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Removes the profiles whose program was killed and whose browser is gone. */
function sweep(): void {
  for (const { path, pid } of throwawayProfiles()) {
    const browser = browserPid(path);
    if (isProcessAlive(pid) || (browser !== null && isProcessAlive(browser))) continue;
    try {
      removeProfile(path);
    } catch {
      // Somebody else sweeps too.
    }
  }
}

/**
 * Makes a profile in which the browser finds the host, and gives its path. It is removed when this process ends.
 * `settings`: variables for the host, before those of this process.
 * @throws FlyBrowserError `not_built`.
 */
export async function createProfile(settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const main = builtPart("native-host");
  sweep();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.once("exit", () => {
    if (existsSync(path)) removeProfile(path);
  });
  const env = {
    ...hostSettings(process.env),
    ...settings,
    FLYBROWSER_STATE_DIR: profileStateDirectory(path),
    FLYBROWSER_RECORDINGS_DIR: recordingsDirectory(), // what is recorded outlives the profile
  };
  const launcher = await writeLauncher({ folder: join(path, "flybrowser"), main, env });
  await writeHostManifest(join(path, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`), hostManifest(launcher));
  return path;
}
