// Opens a file in the system's media player, without waiting for the player to be closed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { LATE, timeout } from "../protocol/async.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import { type Sentence, sentence } from "../protocol/sentence.ts";
import { say } from "./report.ts";

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

/** The command that opens a file on this system; `null`: none was found. */
export function openerOf(path: string, platform = process.platform, env = process.env): [string, string[]] | null {
  if (platform === "darwin") return ["open", [path]];
  if (platform === "win32") return ["explorer.exe", [path]];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = OPENERS.find((opener) => folders.some((folder) => existsSync(join(folder, opener))));
  return found === undefined ? null : [found, [path]];
}

function endOf(program: string, status: number | null, signal: NodeJS.Signals | null): Sentence {
  if (status === null) return sentence("program.killed", { program, signal });
  const code = program === "xdg-open" ? XDG_OPEN[status] : undefined;
  if (code === undefined) return sentence("program.exited", { program, status });
  return sentence("program.exited_because", { program, status, reason: sentence(code) });
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
  const exited = new Promise<Sentence | null>((resolve, reject) => {
    child.on("error", (cause) => reject(new FlyBrowserError("player_not_found", { path }, { cause })));
    child.on("exit", (status, signal) => resolve(status === 0 ? null : endOf(program, status, signal)));
  });
  const reason = await timeout(exited, fails_within);
  // Windows' Explorer exits with 1 even if it succeeded.
  if (reason !== null && reason !== LATE && platform !== "win32")
    throw new FlyBrowserError("player_failed", { path, reason });
}
