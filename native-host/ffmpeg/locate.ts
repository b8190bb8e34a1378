// Finds the FFmpeg to use: FLYBROWSER_FFMPEG, then the PATH, then ffmpeg-static. Never starts a stream with it.
import { execFile } from "node:child_process";
import { FlyBrowserError } from "../../protocol/errors.ts";

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

/** Asks a binary for its version. Rejects with a few words where it does not run or is no FFmpeg. */
function askVersion(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      path,
      ["-hide_banner", "-version"],
      { timeout: VERSION_TIMEOUT, killSignal: "SIGKILL" },
      (error, stdout) => {
        if (error?.code === "ENOENT") return reject(new Error("there is no such program"));
        if (error?.killed) return reject(new Error(`it did not answer within ${VERSION_TIMEOUT / 1000} s`));
        const version = /^ffmpeg version (\S+)/m.exec(stdout)?.[1];
        if (version) return resolve(version);
        reject(
          new Error(error ? `it does not run (${error.code ?? error.signal ?? error.message})` : "it is no FFmpeg"),
        );
      },
    );
  });
}

async function candidates(
  environment: NodeJS.ProcessEnv,
): Promise<{ name: string; path: () => Promise<string | null> }[]> {
  if (environment.FLYBROWSER_FFMPEG) {
    const path = environment.FLYBROWSER_FFMPEG;
    return [{ name: `FLYBROWSER_FFMPEG=${path}`, path: async () => path }]; // an explicit wish is never overruled
  }
  return [
    { name: "ffmpeg on the PATH", path: async () => "ffmpeg" },
    { name: "ffmpeg-static", path: staticPath },
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
  const refused: string[] = [];
  for (const candidate of await candidates(environment)) {
    const path = await candidate.path();
    if (path === null) {
      refused.push(`${candidate.name}: not installed`);
      continue;
    }
    try {
      const version = await askVersion(path);
      if (isNewEnough(version)) return { path, version };
      refused.push(`${candidate.name}: version ${version} is too old`);
    } catch (error) {
      refused.push(`${candidate.name}: ${(error as Error).message}`);
    }
  }
  throw new FlyBrowserError("ffmpeg_not_found", { reason: refused.join("; ") });
}
