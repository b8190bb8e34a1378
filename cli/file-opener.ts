// Opens a file in the system's media player, without waiting for the player to be closed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { LATE, timeout } from "../protocol/async.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import { say } from "./report.ts";

/** Programs that can open a file on Linux, preferred one first. */
const OPENERS = ["xdg-open", "mpv", "vlc", "ffplay"];
/** ms within which a program that can't open the file exits; a player runs on. */
const FAILS_WITHIN = 3_000;
/** The exit statuses of xdg-open(1). */
const XDG_OPEN: Readonly<Record<number, string>> = {
  2: "the file does not exist",
  3: "no program for such files was found",
  4: "the program for such files failed",
};

/** The command that opens a file on this system; `null`: none was found. */
export function openerOf(path: string, platform = process.platform, env = process.env): [string, string[]] | null {
  if (platform === "darwin") return ["open", [path]];
  if (platform === "win32") return ["explorer.exe", [path]];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = OPENERS.find((opener) => folders.some((folder) => existsSync(join(folder, opener))));
  return found === undefined ? null : [found, [path]];
}

function endOf(program: string, status: number | null, signal: NodeJS.Signals | null): string {
  if (status === null) return `was ended by ${signal}`;
  const words = program === "xdg-open" ? XDG_OPEN[status] : undefined;
  return `exited with ${status}${words === undefined ? "" : ` (${words})`}`;
}

/** Options of {@link openFile}, replaced in tests. */
export interface OpenOptions {
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
  /** ms within which a program that can't open the file exits. */
  readonly fails_within?: number;
}

/**
 * Opens a file in a program that outlives this one, and says which one.
 * @throws FlyBrowserError `player_not_found`; `player_failed` if that program soon exits with an error.
 */
export async function openFile(path: string, options: OpenOptions = {}): Promise<void> {
  const { platform = process.platform, env = process.env, fails_within = FAILS_WITHIN } = options;
  const opener = openerOf(path, platform, env);
  if (!opener) throw new FlyBrowserError("player_not_found", { path });
  const [program, args] = opener;
  say(`Opening ${path} with ${program}`);
  const child = spawn(program, args, { detached: true, stdio: "ignore", env });
  child.unref();
  const exited = new Promise<string | null>((resolve, reject) => {
    child.on("error", (cause) => reject(new FlyBrowserError("player_not_found", { path }, { cause })));
    child.on("exit", (status, signal) => resolve(status === 0 ? null : endOf(program, status, signal)));
  });
  const end = await timeout(exited, fails_within);
  // Windows' Explorer exits with 1 even if it succeeded.
  if (end !== null && end !== LATE && platform !== "win32")
    throw new FlyBrowserError("player_failed", { program, end, path });
}
