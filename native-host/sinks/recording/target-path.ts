// Where the file of a recording goes: the path that was asked for, or a readable name in the user's videos folder. Nothing that
// is there is overwritten.
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { extname, isAbsolute, join } from "node:path";
import type { ClipResult } from "../../../protocol/clips.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { homeDirectory } from "../../../protocol/node/environment.ts";
import { draftOf } from "../../../protocol/node/recording-files.ts";
import type { RecordingFormat } from "../../../protocol/options.ts";
import { type Sentence, sentence } from "../../../protocol/sentence.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Names that are tried before giving up: "name (2).mp4" and so on. */
const MAX_TRIES = 1_000;
const MAX_SITE = 60;

/** The user's folder for videos, whether it exists or not. */
export function videosFolder(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homeDirectory(),
): string {
  if (platform === "darwin") return join(home, "Movies");
  if (platform === "win32") return join(environment.USERPROFILE ?? home, "Videos");
  return environment.XDG_VIDEOS_DIR || userDirs(environment, home) || join(home, "Videos");
}

/** What the desktop has noted (xdg-user-dirs): `XDG_VIDEOS_DIR="$HOME/Filme"`. */
function userDirs(environment: Environment, home: string): string | null {
  try {
    const config = environment.XDG_CONFIG_HOME || join(home, ".config");
    const text = readFileSync(join(config, "user-dirs.dirs"), "utf8");
    const noted = /^XDG_VIDEOS_DIR="(.+)"$/m.exec(text)?.[1]?.replace(/^\$HOME(?=\/|$)/, home);
    return noted !== undefined && isAbsolute(noted) ? noted : null;
  } catch {
    return null;
  }
}

const two = (value: number): string => String(value).padStart(2, "0");

/** "example.com 2026-01-31 14-05-09", in local time; only characters that every file system takes. */
export function readableName(url: string, at: Date): string {
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join("-");
  return `${site(url)} ${date} ${time}`;
}

function site(url: string): string {
  let name = "";
  try {
    const { hostname, pathname, protocol } = new URL(url);
    name = protocol === "file:" ? decodeURIComponent(pathname.split("/").at(-1) ?? "") : hostname.replace(/^www\./, "");
  } catch {
    // no address: no name
  }
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.\s-]+|[.\s-]+$/g, "");
  return safe.slice(0, MAX_SITE) || "recording";
}

/** `path`, or the same with a number that is free: "name (2).mp4". */
function numbered(path: string, number: number): string {
  const extension = extname(path);
  return number === 1 ? path : `${path.slice(0, -extension.length)} (${number})${extension}`;
}

function unusable(path: string, cause: unknown): FlyBrowserError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const known: Record<string, Sentence> = {
    EEXIST: sentence("recording.file_there"),
    ENOENT: sentence("recording.no_folder"),
    ENOTDIR: sentence("recording.folder_is_file"),
    EACCES: sentence("recording.forbidden"),
    EPERM: sentence("recording.forbidden"),
    EROFS: sentence("recording.read_only"),
    ENOSPC: sentence("recording.disk_full"),
    ENAMETOOLONG: sentence("recording.long_name"),
  };
  return new FlyBrowserError("recording_path_unusable", { path, reason: known[code ?? ""] ?? message }, { cause });
}

/** Takes the name with an empty draft: whoever sees the name itself sees the finished file. */
function reserve(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) throw Object.assign(new Error("it is there"), { code: "EEXIST" });
  closeSync(openSync(draftOf(path), "wx", 0o644));
}

/**
 * Takes a path for a recording, by an empty draft beside it, and gives it. `path`: the one that was asked for.
 * @throws FlyBrowserError `invalid_option` for a relative path; `recording_path_unusable`
 */
export function reserveTarget(
  wish: { path?: string | undefined; format: RecordingFormat | ClipResult["format"]; url: string; at: Date },
  folder: string = videosFolder(),
): string {
  const { path } = wish;
  if (path !== undefined && !isAbsolute(path)) {
    const allowed = sentence("allowed.absolute_path");
    throw new FlyBrowserError("invalid_option", { option: "path", value: JSON.stringify(path), allowed });
  }
  const wanted = path ?? join(folder, `${readableName(wish.url, wish.at)}.${wish.format}`);
  try {
    if (path === undefined) mkdirSync(folder, { recursive: true });
    else reserve(path);
    return path ?? reserveFree(wanted);
  } catch (cause) {
    throw unusable(wanted, cause);
  }
}

function reserveFree(wanted: string): string {
  for (let number = 1; ; number++) {
    const path = numbered(wanted, number);
    try {
      reserve(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || number >= MAX_TRIES) throw error;
    }
  }
}

/** Takes the first free name beside a path that is taken, "name (2).mp4", and gives it. @throws FlyBrowserError `recording_path_unusable` */
export function reserveNext(path: string): string {
  try {
    return reserveFree(path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** Gives a name back that was taken and not used. */
export function releaseTarget(path: string): void {
  // Older hosts took it by an empty file under the name itself.
  for (const taken of [draftOf(path), path])
    if (statSync(taken, { throwIfNoEntry: false })?.size === 0) rmSync(taken, { force: true });
}

/** Moves a finished draft to its path; where something else has come meanwhile, to the next free name. Gives the path. */
export function placeDraft(draft: string, path: string): string {
  releaseTarget(path);
  for (let number = 1; ; number++) {
    const target = numbered(path, number);
    try {
      linkSync(draft, target); // unlike rename, it never overwrites
      rmSync(draft);
      return target;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST" && number < MAX_TRIES) continue;
      if (code === "EEXIST" || code === "ENOENT" || statSync(target, { throwIfNoEntry: false })) throw error;
      renameSync(draft, target); // a file system without links
      return target;
    }
  }
}
