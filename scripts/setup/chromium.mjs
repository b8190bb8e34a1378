// Finds a Chromium that takes --load-extension, or gets one: apt, then Chrome for Testing into .cache/chromium.
// Branded Chrome doesn't count: it dropped that switch at version 137.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, firstThatWorks, isProgram, isSnap, onPath } from "./programs.mjs";
import { run, SetupError } from "./progress.mjs";

const NAMES = ["chromium", "chromium-browser"];

function system() {
  return NAMES.map(onPath).find((path) => path !== null && !isSnap(path)) ?? null;
}

/** Whether apt's chromium is a real one: on Ubuntu it is a snap. */
function aptHasChromium() {
  return existsSync("/etc/os-release") && !/^ID=ubuntu$/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** Chrome for Testing in the cache, if it is there. `@puppeteer/browsers` knows where the program lies in it. */
async function cached(root) {
  const cacheDir = join(root, ".cache/chromium");
  if (!existsSync(cacheDir)) return null;
  const { getInstalledBrowsers } = await import("@puppeteer/browsers");
  const paths = (await getInstalledBrowsers({ cacheDir })).map((browser) => browser.executablePath);
  return paths.filter(isProgram).at(-1) ?? null;
}

async function chromeForTesting(root, say) {
  const { Browser, detectBrowserPlatform, install, resolveBuildId } = await import("@puppeteer/browsers");
  const platform = detectBrowserPlatform();
  if (!platform) throw new SetupError("there is no Chrome for Testing for this system");
  say("Chrome for Testing: looking up the stable version");
  const buildId = await resolveBuildId(Browser.CHROME, platform, "stable");
  const { executablePath } = await install({
    browser: Browser.CHROME,
    buildId,
    platform,
    cacheDir: join(root, ".cache/chromium"),
    downloadProgressCallback: (done, total) =>
      say(`Chrome for Testing ${buildId}: ${Math.round((done / total) * 100)} %`),
  });
  return starts(executablePath);
}

/** A browser without its libraries fails here, with the name of what is missing, and not later, in silence. */
async function starts(path) {
  await run(path, ["--version"], { timeout: 20_000 });
  return path;
}

/**
 * The path of a usable Chromium.
 * @throws SetupError a sentence saying what to install.
 */
export async function findChromium(root, say) {
  const given = process.env.FLYBROWSER_CHROMIUM;
  if (given) {
    if (isProgram(given)) return given;
    throw new SetupError(`FLYBROWSER_CHROMIUM is ${given}, which is not a program.`);
  }
  const apt = async () => ((await aptInstall("chromium", say)) ? system() : null);
  const download = () => chromeForTesting(root, say);
  return firstThatWorks(
    [system, () => cached(root), ...(aptHasChromium() ? [apt, download] : [download])],
    "Chromium is missing: install it (Debian: `sudo apt install chromium`), or set FLYBROWSER_CHROMIUM to the path of a Chromium or Chrome for Testing.",
  );
}
