// Where what `flybrowser install` sets up for a user lies: the host, the extension, an FFmpeg of its own.
// Node only: never imported by the extension or the player.
import { join } from "node:path";
import { homeDirectory, isWritable, ownTemporaryDirectory } from "./environment.ts";

/** The system that a path is made for. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** This system. */
export const THIS_SYSTEM: System = { platform: process.platform, env: process.env, home: homeDirectory() };

const NAME = "flybrowser-stream";

/** The folder on a system, whether it exists or not. */
export function installFolder({ platform, env, home }: System): string {
  if (platform === "win32") return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), NAME);
  if (platform === "darwin") return join(home, "Library", "Application Support", NAME);
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), NAME);
}

/** The folder on this one; where it can't be written to, a folder of the user among the temporary ones. */
export function dataDirectory(): string {
  const usual = installFolder(THIS_SYSTEM);
  return isWritable(usual) ? usual : join(ownTemporaryDirectory(), "data");
}

/** The folder in which `flybrowser install --with-ffmpeg` puts an FFmpeg. */
export function ownFfmpegFolder(): string {
  return join(dataDirectory(), "ffmpeg");
}
