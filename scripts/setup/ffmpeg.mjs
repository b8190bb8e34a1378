// Finds an FFmpeg that is new enough, or gets one: apt, then ffmpeg-static.
import { createRequire } from "node:module";
import { aptInstall, firstThatWorks, isProgram, onPath } from "./programs.mjs";
import { run, SetupError } from "./progress.mjs";

const OLDEST = [4, 4];

/** The version that `ffmpeg -version` says; builds from git say none and count as new. */
export function parseVersion(output) {
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(output) ?? [];
  return major === undefined ? null : [Number(major), Number(minor)];
}

async function usable(path) {
  const version = parseVersion(await run(path, ["-version"], { timeout: 10_000 }));
  if (version !== null && (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1]))) {
    throw new SetupError(`${path} is FFmpeg ${version.join(".")}; ${OLDEST.join(".")} or newer is needed`);
  }
  return path;
}

function ffmpegStatic(root) {
  try {
    const path = createRequire(`${root}/package.json`)("ffmpeg-static");
    return path && isProgram(path) ? path : null;
  } catch {
    return null; // an optional dependency: its own download may have failed
  }
}

/**
 * The path of a usable FFmpeg.
 * @throws SetupError a sentence saying what to install.
 */
export async function findFfmpeg(root, say) {
  const given = process.env.FLYBROWSER_FFMPEG;
  if (given) return usable(given);
  const found = () => (onPath("ffmpeg") ? usable(onPath("ffmpeg")) : null);
  return firstThatWorks(
    [
      found,
      async () => ((await aptInstall("ffmpeg", say)) ? found() : null),
      () => (ffmpegStatic(root) ? usable(ffmpegStatic(root)) : null),
    ],
    "FFmpeg 4.4 or newer is missing: install it (Debian, Ubuntu: `sudo apt install ffmpeg`), or set FLYBROWSER_FFMPEG to its path.",
  );
}
