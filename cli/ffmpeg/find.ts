// Looks for FFmpeg in the places where the host does, for what is said before a host runs.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { ownFfmpegFolder, type System } from "../../protocol/node/data-directory.ts";
import { say, sentence } from "../../protocol/sentence.ts";
import { atLeast, OLDEST_FFMPEG } from "../oldest.ts";

/** An FFmpeg that runs and is new enough. */
export interface FoundFfmpeg {
  readonly path: string;
  readonly version: string;
}

/** File name of FFmpeg. */
export const FFMPEG_FILE = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";

function candidates(env: System["env"]): string[] {
  if (env.FLYBROWSER_FFMPEG) return [env.FLYBROWSER_FFMPEG];
  const folders = [...(env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""), ownFfmpegFolder()];
  const found = folders.map((folder) => join(folder, FFMPEG_FILE)).filter((path) => existsSync(path));
  return [...found.slice(0, 1), ...ffmpegStatic()];
}

function ffmpegStatic(): string[] {
  try {
    const path = createRequire(import.meta.url)("ffmpeg-static") as string | null;
    return path !== null && existsSync(path) ? [path] : [];
  } catch {
    return []; // only where somebody has installed it
  }
}

/** Whether there is a file that may be FFmpeg; whether it runs isn't tried. */
export function someFfmpeg(env: System["env"]): boolean {
  return candidates(env).length > 0;
}

/** The version of an FFmpeg; `null`: it does not run. `within`: ms */
export function ffmpegVersion(path: string, within = 10_000): string | null {
  try {
    const options = { encoding: "utf8", timeout: within, killSignal: "SIGKILL", stdio: "pipe" } as const;
    const output = execFileSync(path, ["-version"], options);
    return /^ffmpeg version (\S+)/m.exec(output)?.[1] ?? "?";
  } catch {
    return null;
  }
}

/** The FFmpeg that a host with this environment would use; a text says why there is none. `within`: ms for each to answer. */
export function findFfmpeg({ env }: Pick<System, "env">, within?: number): FoundFfmpeg | string {
  let reason = sentence("ffmpeg.not_on_path");
  for (const path of candidates(env)) {
    const version = ffmpegVersion(path, within);
    const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version ?? "") ?? [];
    const place = env.FLYBROWSER_FFMPEG ? `FLYBROWSER_FFMPEG=${path}` : path;
    if (version === null) reason = sentence("ffmpeg.does_not_run", { path: place });
    else if (version === "?") reason = sentence("ffmpeg.other_program", { path: place });
    // A build from git has no version number, and is new.
    else if (major !== undefined && !atLeast([Number(major), Number(minor)], OLDEST_FFMPEG))
      reason = sentence("ffmpeg.too_old", { place, version });
    else return { path, version };
  }
  return say(reason);
}
