// Where the host, the command and the SDK keep what outlives a process: log files and the files by which a
// running host is found. Node only: never imported by the extension or the player.
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { FlyBrowserError } from "../errors.ts";
import { sentence } from "../sentence.ts";
import { homeDirectory, isWritable, ownTemporaryDirectory } from "./environment.ts";

const NAME = "flybrowser-stream";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Path of the state directory, whether it exists or not: FLYBROWSER_STATE_DIR, else the place where this
 * system keeps such things for the user; where that can't be written to, a folder of the user among the temporary ones.
 */
export function stateDirectory(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home?: string,
): string {
  if (environment.FLYBROWSER_STATE_DIR) return environment.FLYBROWSER_STATE_DIR;
  if (home !== undefined) return usualDirectory(environment, platform, home);
  const usual = usualDirectory(environment, platform, homeDirectory());
  return isWritable(usual) ? usual : ownTemporaryDirectory();
}

function usualDirectory(environment: Environment, platform: NodeJS.Platform, home: string): string {
  if (platform === "darwin") return join(home, "Library", "Application Support", NAME);
  if (platform === "win32") return join(environment.LOCALAPPDATA ?? join(home, "AppData", "Local"), NAME);
  return join(environment.XDG_STATE_HOME || join(home, ".local", "state"), NAME);
}

/** Directory of the control files of running hosts. */
export function hostsDirectory(stateDir: string): string {
  return join(stateDir, "hosts");
}

/**
 * Directory of the recordings, for all hosts of the user: FLYBROWSER_RECORDINGS_DIR, else in the state directory. The host
 * of a throw-away profile gets the former: what it records outlives the profile.
 */
export function recordingsDirectory(environment: Environment = process.env): string {
  return environment.FLYBROWSER_RECORDINGS_DIR || join(stateDirectory(environment), "recordings");
}

/** The host's log file. Rotated ones stand beside it, with `.1`, `.2`, … behind the name. */
export function logFile(stateDir: string): string {
  return join(stateDir, "logs", "host.log");
}

/**
 * Makes the state directory and its parts, open to their user alone, and gives its path.
 * @throws FlyBrowserError `environment_unusable`: it can't be made, or is another user's
 */
export function ensureStateDirectory(stateDir: string = stateDirectory()): string {
  try {
    const own = ownTemporaryDirectory();
    const above = stateDir.startsWith(own) ? [own] : []; // another user may have made it
    for (const directory of [...above, stateDir, hostsDirectory(stateDir), join(stateDir, "logs")]) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      chmodSync(directory, 0o700); // fails where it is another user's
    }
  } catch (cause) {
    const reason = sentence("environment.no_state", { path: stateDir, error: (cause as Error).message });
    throw new FlyBrowserError(
      "environment_unusable",
      { reason, advice: sentence("environment.set_state_dir") },
      { cause },
    );
  }
  return stateDir;
}
