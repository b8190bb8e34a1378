// The throw-away profile of a browser that the SDK starts. It also holds the host's manifest, launcher and state, so that
// nothing outside it is touched.
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessAlive } from "../protocol/node/control-files.ts";
import { recordingsDirectory } from "../protocol/node/state-directory.ts";
import { NATIVE_HOST_NAME } from "../protocol/version.ts";
import { builtPath } from "./installation.ts";
import { hostManifest, hostSettings, writeHostManifest, writeLauncher } from "./native-host-files.ts";

const PREFIX = "flybrowser-";

/** Where the host of a profile keeps its state. */
export function profileStateDirectory(userDataDir: string): string {
  return join(userDataDir, "flybrowser");
}

/** Profiles of browsers that this user has launched, running or not: `<tmp>/flybrowser-<pid>-<random>`. */
export function throwawayProfiles(): { path: string; pid: number }[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    const pid = /^flybrowser-(\d+)-\w{6}$/.exec(name)?.[1];
    const path = join(tmpdir(), name);
    const mine = pid !== undefined && statSync(path, { throwIfNoEntry: false })?.uid === (process.getuid?.() ?? 0);
    return mine ? [{ path, pid: Number(pid) }] : [];
  });
}

/** The pid of the browser that uses a profile, from Chromium's lock in it (`hostname-pid`); `null`: none. */
function browserPid(profile: string): number | null {
  try {
    return Number(readlinkSync(join(profile, "SingletonLock")).split("-").at(-1));
  } catch {
    return null;
  }
}

/** Removes a profile, with a few retries while an exiting browser still writes to it. */
export function removeProfile(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Removes the profiles that a killed program has left behind, once their browser is gone. */
function removeStaleProfiles(): void {
  for (const { path, pid } of throwawayProfiles()) {
    const browser = browserPid(path);
    if (isProcessAlive(pid) || (browser !== null && isProcessAlive(browser))) continue;
    try {
      removeProfile(path);
    } catch {
      // Another process is removing it too.
    }
  }
}

/**
 * Creates a profile in which the browser finds the host, and gives its path. It is removed when this process exits.
 * `settings`: environment variables of the host that override those of this process.
 * @throws FlyBrowserError `not_built`.
 */
export async function createProfile(settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const main = builtPath("native-host");
  removeStaleProfiles();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.once("exit", () => {
    if (existsSync(path)) removeProfile(path);
  });
  const env = {
    ...hostSettings(process.env),
    ...settings,
    FLYBROWSER_STATE_DIR: profileStateDirectory(path),
    FLYBROWSER_RECORDINGS_DIR: recordingsDirectory(), // recordings outlive the profile
  };
  const launcher = await writeLauncher({ folder: join(path, "flybrowser"), main, env });
  await writeHostManifest(join(path, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`), hostManifest(launcher));
  return path;
}
