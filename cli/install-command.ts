// `flybrowser install` and `uninstall`: copies host, player and extension to a permanent place, and registers the host with
// the user's browsers. Needs no more rights than the user has.
import { existsSync } from "node:fs";
import { cp, mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { installFolder, THIS_SYSTEM } from "../protocol/node/data-directory.ts";
import { sentence } from "../protocol/sentence.ts";
import { EXTENSION_ID, SOFTWARE_VERSION } from "../protocol/version.ts";
import { builtPath } from "../sdk/installation.ts";
import { hostManifest, hostSettings, writeHostManifest, writeLauncher } from "../sdk/native-host-files.ts";
import {
  BROWSER_NAMES,
  BROWSERS,
  type BrowserName,
  browsersInUse,
  manifestPath,
  registryKey,
} from "./browser-paths.ts";
import { say } from "./report.ts";
import { keyExists, removeKey, setDefaultValue } from "./windows-registry.ts";

const WINDOWS = THIS_SYSTEM.platform === "win32";
const PARTS = ["native-host", "player", "extension"] as const;

function parseBrowser(given: string): BrowserName {
  if (given in BROWSERS) return given as BrowserName;
  const allowed = BROWSER_NAMES.join(", ");
  throw new FlyBrowserError("invalid_option", { option: "browser", value: JSON.stringify(given), allowed });
}

function parseExtensionId(given: string): string {
  if (/^[a-p]{32}$/.test(given)) return given;
  const allowed = sentence("allowed.extension_id");
  throw new FlyBrowserError("invalid_option", { option: "extension-id", value: JSON.stringify(given), allowed });
}

/** Copies what the host needs, so that it works whatever happens to this package. Gives the path of its main.js. */
async function copyParts(folder: string): Promise<string> {
  const dist = dirname(dirname(builtPath("native-host")));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const part of PARTS) {
    const to = join(folder, part);
    await rm(to, { recursive: true, force: true });
    if (existsSync(join(dist, part))) await cp(join(dist, part), to, { recursive: true });
  }
  // Tells Node that main.js is a module.
  const description = { name: "flybrowser-stream", version: SOFTWARE_VERSION, type: "module", private: true };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  return join(folder, "native-host", "main.js");
}

/**
 * Registers the host.
 * @throws FlyBrowserError `invalid_option`, `not_built`, `browser_not_found` (the user has none of the known browsers).
 */
export async function installCommand(flags: { browser?: string; extensionId?: string }): Promise<void> {
  const ids = [EXTENSION_ID, ...(flags.extensionId === undefined ? [] : [parseExtensionId(flags.extensionId)])];
  const known = (name: BrowserName) => keyExists(`HKCU\\Software\\${BROWSERS[name].registry}`);
  const names = flags.browser === undefined ? browsersInUse(THIS_SYSTEM, known) : [parseBrowser(flags.browser)];
  if (names.length === 0) {
    const reason = sentence("browser.none_started", { names: BROWSER_NAMES.join(", ") });
    throw new FlyBrowserError("browser_not_found", { reason });
  }
  const folder = installFolder(THIS_SYSTEM);
  const main = await copyParts(folder);
  const launcher = await writeLauncher({
    folder,
    command: [process.execPath, main],
    env: hostSettings(process.env),
    path: [],
  });
  say(`Host:  ${launcher}`);
  for (const name of names) {
    const path = manifestPath(name, THIS_SYSTEM);
    await writeHostManifest(path, hostManifest(launcher, ids));
    if (WINDOWS) setDefaultValue(registryKey(name), path);
    say(`${BROWSERS[name].title}:  ${path}`);
  }
  explainNextSteps(names, join(folder, "extension"));
}

/** What only the user can do. */
function explainNextSteps(names: readonly BrowserName[], extension: string): void {
  const pages = [...new Set(names.map((name) => BROWSERS[name].extensions_page))].join(" or ");
  say();
  say("To finish the installation:");
  say(`  1. Open ${pages} and turn on "Developer mode".`);
  say(`  2. Click "Load unpacked" and choose ${extension}`);
  say("  3. Open the tab that you want to stream and click the FlyBrowser Stream button in the toolbar.");
  say("Run `flybrowser doctor` to check the installation.");
}

/** Removes what {@link installCommand} wrote: for one browser, or for all, then with the host's own files. */
export async function uninstallCommand(flags: { browser?: string }): Promise<void> {
  const names = flags.browser === undefined ? BROWSER_NAMES : [parseBrowser(flags.browser)];
  for (const name of names) {
    const path = manifestPath(name, THIS_SYSTEM);
    if (WINDOWS) removeKey(registryKey(name));
    if (!existsSync(path)) continue;
    await rm(path);
    say(`Removed ${path}`);
  }
  if (flags.browser !== undefined) return;
  const folder = installFolder(THIS_SYSTEM);
  const ours = [...PARTS, "host", "host.bat", "package.json"].map((part) => join(folder, part)).filter(existsSync);
  for (const path of ours) {
    await rm(path, { recursive: true });
    say(`Removed ${path}`);
  }
  // Whatever else is in there isn't ours.
  await rmdir(folder).catch(() => {});
  say("To remove the extension itself, open your browser's extensions page.");
}
