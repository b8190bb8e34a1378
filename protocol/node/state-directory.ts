// Where the host, the command and the SDK keep what outlives a process: log files and the files by which a
// running host is found. Node only: never imported by the extension or the player.
import { chmodSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const NAME = "flybrowser-stream";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Path of the state directory, whether it exists or not: FLYBROWSER_STATE_DIR, else the place where this
 * system keeps such things for the user.
 */
export function stateDirectory(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (environment.FLYBROWSER_STATE_DIR) return environment.FLYBROWSER_STATE_DIR;
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

/** Makes the state directory and its parts, open to their user alone, and gives its path. */
export function ensureStateDirectory(stateDir: string = stateDirectory()): string {
  for (const directory of [stateDir, hostsDirectory(stateDir), join(stateDir, "logs")]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
  }
  return stateDir;
}
