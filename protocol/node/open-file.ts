// Opens a file in the system's media player, or its folder, without waiting for that program to be closed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { LATE, timeout } from "../async.ts";
import { FlyBrowserError } from "../errors.ts";
import type { WayToOpen } from "../results.ts";
import { type Sentence, sentence } from "../sentence.ts";

/** Programs that can open a file on Linux, preferred one first. */
const OPENERS = ["xdg-open", "mpv", "vlc", "ffplay"];
/** ms within which a program that can't open the file exits; a player runs on. */
const FAILS_WITHIN = 3_000;
/** The exit statuses of xdg-open(1). */
const XDG_OPEN: Readonly<Record<number, "program.no_file" | "program.none_for_file" | "program.for_file_failed">> = {
  2: "program.no_file",
  3: "program.none_for_file",
  4: "program.for_file_failed",
};

/** The command that does it on this system; `null`: none was found. */
export function openerOf(
  path: string,
  way: WayToOpen,
  platform = process.platform,
  env = process.env,
): [string, string[]] | null {
  const show = way === "show";
  if (platform === "darwin") return ["open", show ? ["-R", path] : [path]];
  if (platform === "win32") return ["explorer.exe", [show ? `/select,${path}` : path]];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const has = (opener: string): boolean => folders.some((folder) => existsSync(join(folder, opener)));
  if (show) return has("xdg-open") ? ["xdg-open", [dirname(path)]] : null;
  const found = OPENERS.find(has);
  return found === undefined ? null : [found, [path]];
}

function endOf(program: string, status: number | null, signal: NodeJS.Signals | null): Sentence {
  if (status === null) return sentence("program.killed", { program, signal });
  const code = program === "xdg-open" ? XDG_OPEN[status] : undefined;
  if (code === undefined) return sentence("program.exited", { program, status });
  return sentence("program.exited_because", { program, status, reason: sentence(code) });
}

/** Options of {@link openFile}; but for `onProgram` replaced in tests. */
export interface OpenOptions {
  /** Gets the name of the program that is started. */
  readonly onProgram?: (program: string) => void;
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
  /** ms within which a program that can't open the file exits. */
  readonly fails_within?: number;
}

/**
 * Opens a file, or its folder, in a program that outlives this one.
 * @throws FlyBrowserError `player_not_found`; `player_failed` if that program soon exits with an error.
 */
export async function openFile(path: string, way: WayToOpen, options: OpenOptions = {}): Promise<void> {
  const { platform = process.platform, env = process.env, fails_within = FAILS_WITHIN } = options;
  const opener = openerOf(path, way, platform, env);
  if (!opener) throw new FlyBrowserError("player_not_found", { path });
  const [program, args] = opener;
  options.onProgram?.(program);
  const child = spawn(program, args, { detached: true, stdio: "ignore", env });
  child.unref();
  const exited = new Promise<Sentence | null>((resolve, reject) => {
    child.on("error", (cause) => reject(new FlyBrowserError("player_not_found", { path }, { cause })));
    child.on("exit", (status, signal) => resolve(status === 0 ? null : endOf(program, status, signal)));
  });
  const reason = await timeout(exited, fails_within);
  // Windows' Explorer exits with 1 even if it succeeded.
  if (reason !== null && reason !== LATE && platform !== "win32")
    throw new FlyBrowserError("player_failed", { path, reason });
}
