// Finds an installed browser that can load our extension from the command line: Chromium or Chrome for Testing. Chrome itself
// dropped --load-extension in version 137.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { homeDirectory } from "../protocol/node/environment.ts";
import { isExecutable } from "../protocol/node/executable.ts";
import { sentence } from "../protocol/sentence.ts";
import { packageRoot } from "./installation.ts";

const ON_PATH = ["chromium", "chromium-browser", "microsoft-edge"];

/** The executable of Chrome for Testing below `<cache>/chrome/<platform>-<build>/`. */
const IN_CACHE = [
  "chrome-linux64/chrome",
  "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
  "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
  "chrome-win64/chrome.exe",
];

/** Snaps are confined: no extension folder, no host. Ubuntu's `chromium` is a script that runs one. */
export function isSnap(path: string): boolean {
  const real = realpathSync(path);
  if (real.startsWith("/snap/") || real.endsWith("/bin/snap")) return true;
  const start = readFileSync(path).subarray(0, 4096).toString("latin1");
  return start.startsWith("#!") && /\/snap\/bin|snap install|command -v snap/.test(start);
}

function onPath(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = ON_PATH.flatMap((name) => folders.map((folder) => join(folder, name)));
  const usable = candidates.filter((path) => existsSync(path) && !isSnap(path));
  // On a merged /usr the PATH leads to the same program twice.
  return usable.filter(
    (path, index) => usable.findIndex((other) => realpathSync(other) === realpathSync(path)) === index,
  );
}

/** Chrome for Testing in a cache of `@puppeteer/browsers`, newest last. */
function cached(cache: string): string[] {
  const chrome = join(cache, "chrome");
  if (!existsSync(chrome)) return [];
  const builds = readdirSync(chrome).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return builds
    .flatMap((build) => IN_CACHE.map((inside) => join(chrome, build, inside)))
    .filter((path) => existsSync(path));
}

/** Where Playwright keeps its browsers, and the executables in them (playwright.dev: Browsers). */
const PLAYWRIGHT: Partial<Record<NodeJS.Platform, readonly [cache: string, programs: readonly string[]]>> = {
  linux: [join(homeDirectory(), ".cache/ms-playwright"), ["chrome-linux64/chrome", "chrome-linux/chrome"]],
  darwin: [
    join(homeDirectory(), "Library/Caches/ms-playwright"),
    [
      "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
      "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
      "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
    ],
  ],
  win32: [join(homeDirectory(), "AppData/Local/ms-playwright"), ["chrome-win64/chrome.exe", "chrome-win/chrome.exe"]],
};

/** Chromiums that Playwright has downloaded, newest first. Its headless shell has no extensions. */
function ofPlaywright(): string[] {
  const [usual = "", programs = []] = PLAYWRIGHT[process.platform] ?? [];
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH || usual;
  if (!existsSync(cache)) return [];
  const builds = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
  builds.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return builds.flatMap((build) => programs.map((program) => join(cache, build, program))).filter(existsSync);
}

function installed(): string[] {
  const mac = ["/Applications/Chromium.app/Contents/MacOS/Chromium"];
  return process.platform === "darwin" ? mac.filter((path) => existsSync(path)) : [];
}

/** All browsers on this machine that can load the extension, best first. */
export function findBrowsers(): string[] {
  const ours = isExecutable() ? [] : [join(packageRoot(), ".cache/chromium")];
  const caches = [...ours, join(homeDirectory(), ".cache/puppeteer")];
  return [...onPath(), ...installed(), ...caches.flatMap((cache) => cached(cache).reverse()), ...ofPlaywright()];
}

/**
 * The browser to start: `given`, else FLYBROWSER_CHROMIUM, else the first of {@link findBrowsers}.
 * @throws FlyBrowserError `browser_not_found`.
 */
export function findBrowser(given: string | undefined): string {
  const named = given ?? process.env.FLYBROWSER_CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    throw new FlyBrowserError("browser_not_found", { reason: sentence("browser.not_there", { path: named }) });
  }
  const [first] = findBrowsers();
  if (first) return first;
  throw new FlyBrowserError("browser_not_found", {
    reason: sentence("browser.looked", { names: ON_PATH.join(", ") }),
  });
}
