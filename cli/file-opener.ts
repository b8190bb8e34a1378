// Opens a file with what this system has for it, and says what it can know of that: with which program, and how that one ended.
// Never waits for a player to be closed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { say } from "./report.ts";

/** Programs that open a file, best first, where the system has no fixed one. */
const OPENERS = ["xdg-open", "mpv", "vlc", "ffplay"];
/** ms in which a program that can't open the file is taken to say so; a player runs on. */
const REFUSES_WITHIN = 3_000;
/** The exit statuses of xdg-open(1). */
const XDG_OPEN: Readonly<Record<number, string>> = {
  2: "the file does not exist",
  3: "no program for such files was found",
  4: "the program for such files failed",
};

/** How this system opens a file; `null`: no way is known. */
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

/** How a file is opened; each has a default. */
export interface OpenOptions {
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
  /** ms in which the program may refuse. */
  readonly patience?: number;
}

/**
 * Opens a file in a program that outlives this one, and says in which.
 * @throws FlyBrowserError `player_not_found`; `player_failed` where that program soon says that it can't.
 */
export async function openFile(path: string, options: OpenOptions = {}): Promise<void> {
  const { platform = process.platform, env = process.env, patience = REFUSES_WITHIN } = options;
  const opener = openerOf(path, platform, env);
  if (!opener) throw new FlyBrowserError("player_not_found", { path });
  const [program, args] = opener;
  say(`Opening ${path} with ${program}`);
  const child = spawn(program, args, { detached: true, stdio: "ignore", env });
  child.unref();
  let timer: NodeJS.Timeout | undefined;
  const refused = new Promise<string | null>((resolve, reject) => {
    timer = setTimeout(resolve, patience, null);
    child.on("error", (cause) => reject(new FlyBrowserError("player_not_found", { path }, { cause })));
    child.on("exit", (status, signal) => resolve(status === 0 ? null : endOf(program, status, signal)));
  });
  const end = await refused.finally(() => clearTimeout(timer));
  // Windows' Explorer exits with 1 when all went well.
  if (end !== null && platform !== "win32") throw new FlyBrowserError("player_failed", { program, end, path });
}
