// Finds the FFmpeg to use: FLYBROWSER_FFMPEG, then the PATH, then ffmpeg-static.
import { execFile } from "node:child_process";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type Sentence, sentence, type Words } from "../../protocol/sentence.ts";

/** An FFmpeg that runs and is new enough. */
export interface FfmpegBinary {
  readonly path: string;
  /** As it names itself, e.g. `5.1.9-0+deb12u1`. */
  readonly version: string;
}

/** Oldest release that has what the arguments need. */
const OLDEST = [4, 4] as const;
/** ms */
const VERSION_TIMEOUT = 5_000;

/**
 * Whether a version as FFmpeg prints it is new enough. Builds from git carry no release number: they count as new.
 */
export function isNewEnough(version: string): boolean {
  const release = /^n?(\d{1,2})\.(\d+)/.exec(version);
  if (!release) return true;
  const [major, minor] = [Number(release[1]), Number(release[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The version of a binary, or why it has none: it does not run, or is not FFmpeg. */
function askVersion(path: string): Promise<string | Sentence> {
  return new Promise((resolve) => {
    execFile(
      path,
      ["-hide_banner", "-version"],
      { timeout: VERSION_TIMEOUT, killSignal: "SIGKILL" },
      (error, stdout) => {
        if (error?.code === "ENOENT") return resolve(sentence("ffmpeg.no_program"));
        if (error?.killed) return resolve(sentence("ffmpeg.no_answer", { seconds: VERSION_TIMEOUT / 1000 }));
        const version = /^ffmpeg version (\S+)/m.exec(stdout)?.[1];
        if (version) return resolve(version);
        const failure =
          error && sentence("ffmpeg.not_runnable", { error: error.code ?? error.signal ?? error.message });
        resolve(failure ?? sentence("ffmpeg.not_ffmpeg"));
      },
    );
  });
}

/** Where it is looked for first: a path, or the name of a program on the PATH. */
export function firstPlace(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.FLYBROWSER_FFMPEG || "ffmpeg";
}

async function candidates(
  environment: NodeJS.ProcessEnv,
): Promise<{ place: Words; path: () => Promise<string | null> }[]> {
  const path = firstPlace(environment);
  if (environment.FLYBROWSER_FFMPEG) {
    return [{ place: `FLYBROWSER_FFMPEG=${path}`, path: async () => path }]; // an explicit wish is never overruled
  }
  return [
    { place: sentence("ffmpeg.on_path"), path: async () => path },
    { place: "ffmpeg-static", path: staticPath },
  ];
}

/** Path of the optional dependency's binary; `null` where it is not installed. */
async function staticPath(): Promise<string | null> {
  try {
    const name = "ffmpeg-static"; // kept from the bundler: it is optional, and finds its binary by its own place
    const found = (await import(/* @vite-ignore */ name)) as { default?: unknown };
    return typeof found.default === "string" ? found.default : null;
  } catch {
    return null;
  }
}

/**
 * The FFmpeg to use.
 * @throws FlyBrowserError `ffmpeg_not_found`, with what is wrong with each place where it could be.
 */
export async function locateFfmpeg(environment: NodeJS.ProcessEnv = process.env): Promise<FfmpegBinary> {
  const reason: Sentence[] = [];
  for (const { place, path: find } of await candidates(environment)) {
    const path = await find();
    const version = path === null ? sentence("ffmpeg.not_installed") : await askVersion(path);
    if (typeof version !== "string") reason.push(sentence("ffmpeg.refused", { place, reason: version }));
    else if (path !== null && isNewEnough(version)) return { path, version };
    else reason.push(sentence("ffmpeg.too_old", { place, version }));
  }
  throw new FlyBrowserError("ffmpeg_not_found", { reason });
}
