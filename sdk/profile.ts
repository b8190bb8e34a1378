// The throw-away profile of a browser that the SDK starts. It also holds the host's manifest, launcher and state, so that
// nothing outside it is touched.
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimes,
  writeFileSync,
} from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { isProcessAlive } from "../protocol/node/control-files.ts";
import { ownFfmpegFolder } from "../protocol/node/data-directory.ts";
import { temporaryDirectory } from "../protocol/node/environment.ts";
import { identityOf, isRunning, type ProcessIdentity, ProcessIdentitySchema } from "../protocol/node/processes.ts";
import { recordingsDirectory, stateDirectory } from "../protocol/node/state-directory.ts";
import { NATIVE_HOST_NAME } from "../protocol/version.ts";
import { builtPath, hostCommand } from "./installation.ts";
import { hostManifest, hostSettings, writeHostManifest, writeLauncherSomewhere } from "./native-host-files.ts";

const PREFIX = "flybrowser-";

/** Where the host of a profile keeps its state. */
export function profileStateDirectory(userDataDir: string): string {
  return join(userDataDir, "flybrowser");
}

/** Profiles of browsers that this user has launched, running or not: `<tmp>/flybrowser-<pid>-<random>`. */
export function throwawayProfiles(): { path: string; pid: number }[] {
  const folder = temporaryDirectory();
  return readdirSync(folder).flatMap((name) => {
    const pid = /^flybrowser-(\d+)-\w{6}$/.exec(name)?.[1];
    const path = join(folder, name);
    const mine = pid !== undefined && statSync(path, { throwIfNoEntry: false })?.uid === (process.getuid?.() ?? 0);
    return mine ? [{ path, pid: Number(pid) }] : [];
  });
}

const OWNER = "owner.json";
/** ms between two signs of life of a profile's owner. */
const SIGN_EVERY = 60_000;
/** ms without one after which a profile of another container, whose processes can't be seen from here, has no owner. */
const SILENT_AFTER = 24 * 3600_000;

/** Whether the browser that uses a profile runs, by Chromium's lock in it (`hostname-pid`); `null`: it is another machine's. */
export function browserRuns(profile: string): boolean | null {
  try {
    const [, name, pid] = /^(.*)-(\d+)$/.exec(readlinkSync(join(profile, "SingletonLock"))) ?? [];
    return name === hostname() ? isProcessAlive(Number(pid)) : null;
  } catch {
    return false;
  }
}

/** Whether somebody uses a profile, or may do so. */
function isUsed(path: string, pid: number): boolean {
  let owner: ProcessIdentity | null = null;
  let heard = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  try {
    const file = join(profileStateDirectory(path), OWNER);
    owner = v.parse(ProcessIdentitySchema, JSON.parse(readFileSync(file, "utf8")));
    heard = Math.max(heard, statSync(file).mtimeMs);
  } catch {
    // of an older version, or being made
  }
  const runs = owner ? isRunning(owner) : isProcessAlive(pid) || null;
  const browser = browserRuns(path);
  if (runs === true || browser === true) return true;
  return (runs === null || browser === null) && Date.now() - heard < SILENT_AFTER;
}

/** Says whose a profile is, and from time to time that it still is. */
function own(profile: string): void {
  const file = join(profileStateDirectory(profile), OWNER);
  writeFileSync(file, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now, (error) => error && clearInterval(timer)); // the profile is gone
  }, SIGN_EVERY);
  timer.unref();
}

/** The folder of Chromium's socket among the temporary ones, which a Chromium that is killed leaves behind; `null`: none. */
function socketFolder(profile: string): string | null {
  try {
    const folder = dirname(readlinkSync(join(profile, "SingletonSocket")));
    return /^\.?(org\.chromium|com\.google|com\.microsoft)\.[\w.]+\.\w{6}$/i.test(basename(folder)) ? folder : null;
  } catch {
    return null;
  }
}

/** Where a profile's launcher is if the temporary folder is mounted `noexec`. */
function launcherFolder(profile: string): string {
  return join(stateDirectory(), "launchers", basename(profile));
}

/** Removes a profile, with a few retries while an exiting browser still writes to it. */
export function removeProfile(path: string): void {
  const socket = socketFolder(path);
  if (socket !== null) rmSync(socket, { recursive: true, force: true });
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  rmSync(launcherFolder(path), { recursive: true, force: true });
}

/** Removes the profiles that a killed program has left behind, once their browser is gone. */
function removeStaleProfiles(): void {
  for (const { path, pid } of throwawayProfiles()) {
    if (isUsed(path, pid)) continue;
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
  const command = hostCommand();
  removeStaleProfiles();
  const path = mkdtempSync(join(temporaryDirectory(), `${PREFIX}${process.pid}-`));
  process.once("exit", () => {
    // The helpers of a browser that was just killed write for a moment longer.
    for (let tries = 0; existsSync(path) && tries < 20; tries++) {
      try {
        removeProfile(path);
      } catch {
        // tried again; what is left then, the next start removes
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
    }
  });
  const env = {
    ...hostSettings(process.env),
    ...settings,
    FLYBROWSER_STATE_DIR: profileStateDirectory(path),
    FLYBROWSER_RECORDINGS_DIR: recordingsDirectory(), // recordings outlive the profile
  };
  await mkdir(profileStateDirectory(path), { mode: 0o700 });
  own(path);
  const launcher = await writeLauncherSomewhere([profileStateDirectory(path), launcherFolder(path)], {
    command,
    env,
    path: [ownFfmpegFolder()],
  });
  await writeHostManifest(join(path, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`), hostManifest(launcher));
  return path;
}

/** Where {@link automationExtension} puts the extension. */
export function extensionFolder(profile: string): string {
  return join(profileStateDirectory(profile), "extension");
}

/**
 * Puts the extension into a profile, with more permissions, which only browsers started by a program get: `debugger` names tabs by
 * DevTools id, and nobody is there to be asked about the sites that get the page API. Without `popup` its button opens none. Gives its folder.
 * @throws FlyBrowserError `not_built`.
 */
export async function automationExtension(profile: string, { popup = true } = {}): Promise<string> {
  const folder = extensionFolder(profile);
  await cp(builtPath("extension"), folder, { recursive: true });
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as {
    permissions: string[];
    optional_host_permissions: string[];
    action: { default_popup?: string };
  };
  const { optional_host_permissions: host_permissions, action: button, ...rest } = manifest;
  const permissions = [...manifest.permissions, "debugger"];
  const { default_popup, ...bare } = button;
  const action = popup ? button : bare;
  await rm(path); // it may be read-only, as the package is
  await writeFile(path, JSON.stringify({ ...rest, action, permissions, host_permissions }));
  return folder;
}

/** The launcher of the host that belongs to an extension of {@link automationExtension}; `null`: it is another one. */
export function launcherOf(extension: string): string | null {
  const profile = dirname(dirname(extension));
  const places = [profileStateDirectory(profile), launcherFolder(profile)];
  const launchers = places.map((folder) => join(folder, process.platform === "win32" ? "host.bat" : "host"));
  return launchers.find((path) => isProgram(path)) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
