// Brings a fresh clone to the point where it runs: npm dependencies, FFmpeg, Chromium, the build.
// Plain JavaScript, since there may be no dependencies yet. stdout is left to the results of what runs next.
import { statSync } from "node:fs";
import { join } from "node:path";
import { isBuilt } from "./setup/build-stamp.mjs";
import { findChromium } from "./setup/chromium.mjs";
import { findFfmpeg } from "./setup/ffmpeg.mjs";
import { fingerprint, isFresh, markFresh } from "./setup/freshness.mjs";
import { run, SetupError, step } from "./setup/progress.mjs";

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, "..");

const OLDEST_NODE = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join(".")} or newer (https://nodejs.org).`,
  );
}

async function dependencies(say) {
  const hash = fingerprint(ROOT, ["package-lock.json"]);
  const stamp = join(ROOT, "node_modules/.flybrowser-stamp");
  if (isFresh(stamp, hash) || installedByHand()) return null;
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await run(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { say, cwd: ROOT, timeout: 900_000 });
  markFresh(stamp, hash);
  return "installed";
}

/** npm writes its own lock after an install; one newer than ours means that somebody ran npm here. */
function installedByHand() {
  const time = (path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return time("node_modules/.package-lock.json") >= time("package-lock.json");
}

async function build(say) {
  if (isBuilt(ROOT)) return null;
  const tsx = join(ROOT, "node_modules/tsx/dist/cli.mjs");
  await run(process.execPath, [tsx, join(ROOT, "scripts/build.ts")], { say, cwd: ROOT, timeout: 300_000 });
  return "dist/";
}

/**
 * Does what is not done yet and gives the environment for what runs next: `FLYBROWSER_FFMPEG`, `FLYBROWSER_CHROMIUM`.
 * @throws SetupError with one sentence that says what to do.
 */
export async function bootstrap() {
  checkNode();
  const env = {};
  await step("npm dependencies", dependencies);
  await step("FFmpeg", async (say) => {
    const found = await findFfmpeg(ROOT, say);
    env.FLYBROWSER_FFMPEG = found;
    return found;
  });
  await step("Chromium", async (say) => {
    const found = await findChromium(ROOT, say);
    env.FLYBROWSER_CHROMIUM = found;
    return found;
  });
  await step("Build", build);
  return env;
}

/** Ends the process with a readable message: a sentence for what we know, the stack for what we don't. */
export function fail(error) {
  process.stderr.write(`\n${error instanceof SetupError ? error.message : (error.stack ?? error)}\n`);
  process.exit(1);
}
