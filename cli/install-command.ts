// `flybrowser install` and `uninstall`: copies command, host, player and extension to a permanent place, and registers the host with
// the user's browsers. Needs no more rights than the user has.
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { installFolder, ownFfmpegFolder, THIS_SYSTEM } from "../protocol/node/data-directory.ts";
import { isExecutable } from "../protocol/node/executable.ts";
import { sentence } from "../protocol/sentence.ts";
import { EN } from "../protocol/sentences/en.ts";
import { SOFTWARE_VERSION } from "../protocol/version.ts";
import { isSnap } from "../sdk/find-browser.ts";
import { hostManifest, hostSettings, writeHostManifest, writeLauncher } from "../sdk/native-host-files.ts";
import { runningHosts } from "../sdk/page-host.ts";
import {
  BROWSER_NAMES,
  BROWSERS,
  type BrowserName,
  type BrowserPlace,
  browserPlaces,
  browsersInUse,
  manifestPaths,
  registryKey,
} from "./browser-paths.ts";
import { downloadFfmpeg } from "./ffmpeg/download.ts";
import { findFfmpeg } from "./ffmpeg/find.ts";
import { copyInstallation, installedParts, removeCommand, shownCommand } from "./install/copies.ts";
import { flatpakLauncher, overrideCommand, removeFlatpakLauncher } from "./install/flatpak.ts";
import { count, say } from "./report.ts";
import { keyExists, removeKey, setDefaultValue } from "./windows-registry.ts";

const WINDOWS = THIS_SYSTEM.platform === "win32";

function parseBrowser(given: string): BrowserName {
  if (given in BROWSERS) return given as BrowserName;
  const allowed = BROWSER_NAMES.join(", ");
  throw new FlyBrowserError("invalid_option", { option: "--browser", value: JSON.stringify(given), allowed });
}

function parseExtensionId(given: string): string {
  if (/^[a-p]{32}$/.test(given)) return given;
  const allowed = sentence("allowed.extension_id");
  throw new FlyBrowserError("invalid_option", { option: "--extension-id", value: JSON.stringify(given), allowed });
}

/** The places to register in: those of the browser asked for, or of all that the user has. */
function placesFor(browser: string | undefined): BrowserPlace[] {
  const known = (name: BrowserName) => keyExists(`HKCU\\Software\\${BROWSERS[name].registry}`);
  const inUse = browsersInUse(THIS_SYSTEM, { known, isSnap });
  if (browser === undefined) {
    if (inUse.length > 0) return inUse;
    const reason = sentence("browser.none_started", { names: BROWSER_NAMES.join(", ") });
    throw new FlyBrowserError("browser_not_found", { reason });
  }
  const name = parseBrowser(browser);
  const there = inUse.filter((place) => place.browser === name);
  return there.length > 0 ? there : browserPlaces(name, THIS_SYSTEM).slice(0, 1);
}

async function register(place: BrowserPlace, launcher: string, ids: readonly string[]): Promise<void> {
  const path = place.app ? await flatpakLauncher(place.app, launcher, THIS_SYSTEM) : launcher;
  for (const manifest of manifestPaths(place, THIS_SYSTEM)) await writeHostManifest(manifest, hostManifest(path, ids));
  if (WINDOWS) setDefaultValue(registryKey(place.browser), manifestPaths(place, THIS_SYSTEM)[0] ?? "");
  say(`✓ ${place.title}`);
  if (place.app) say(`    It runs in a sandbox, which has to let it start the host: \`${overrideCommand(place.app)}\``);
}

/** Flags of {@link installCommand}. */
export interface InstallFlags {
  readonly browser?: string;
  readonly extensionId?: string;
  readonly withFfmpeg?: boolean;
}

/**
 * Registers the host.
 * @throws FlyBrowserError `invalid_option`, `not_built`, `browser_not_found` (the user has none of the known browsers),
 * `ffmpeg_not_downloaded`.
 */
export async function installCommand(flags: InstallFlags): Promise<void> {
  const ids = flags.extensionId === undefined ? [] : [parseExtensionId(flags.extensionId)];
  const places = placesFor(flags.browser);
  const found = findFfmpeg(THIS_SYSTEM);
  const ffmpeg = flags.withFfmpeg && typeof found === "string" ? await downloadFfmpeg() : found;
  const { command, extension } = await copyInstallation();
  // A desktop gives its programs a shorter PATH than shells have: the host keeps what was found here.
  const path = [...(typeof ffmpeg === "string" ? [] : [dirname(ffmpeg.path)]), ownFfmpegFolder()];
  const env = hostSettings(process.env);
  const launcher = await writeLauncher({ folder: installFolder(THIS_SYSTEM), command, env, path: [...new Set(path)] });
  const usable = places.filter(({ kind }) => kind !== "snap");
  for (const place of usable) await register(place, launcher, ids);
  for (const { title } of places.filter(({ kind }) => kind === "snap")) {
    say(`✗ ${title}: snaps can't start programs outside of their sandbox, so this one can't stream.`);
    say("    Install the browser from its maker's package instead.");
  }
  if (typeof ffmpeg === "string") {
    say(`✗ FFmpeg: ${ffmpeg}`);
    say(`    → ${EN["ffmpeg_not_found.fix"]}`);
  } else say(`✓ FFmpeg ${ffmpeg.version} (${ffmpeg.path})`);
  sayOldHosts();
  if (usable.length > 0) explainNextSteps(usable, extension);
}

/** Hosts of another version live as long as their browser holds them. */
function sayOldHosts(): void {
  const old = runningHosts().filter(({ file }) => file.host_version !== SOFTWARE_VERSION);
  if (old.length === 0) return;
  const versions = [...new Set(old.map(({ file }) => file.host_version))].join(", ");
  say(`· ${count(old.length, "host")} of version ${versions} still run: restart the browser, or reload the extension.`);
}

/** What only the user can do. */
function explainNextSteps(places: readonly BrowserPlace[], extension: string): void {
  const pages = [...new Set(places.map(({ browser }) => BROWSERS[browser].extensions_page))].join(" or ");
  say();
  say("To finish the installation:");
  say(`  1. Open ${pages} and turn on "Developer mode".`);
  say(`  2. Click "Load unpacked" and choose ${extension}`);
  say("  3. Open the tab that you want to stream and click the FlyBrowser Stream button in the toolbar.");
  say(`Run \`${shownCommand()} doctor\` to check the installation.`);
}

/** Removes what {@link installCommand} wrote: for one browser, or for all, then with the host's own files. */
export async function uninstallCommand(flags: { browser?: string }): Promise<void> {
  const names = flags.browser === undefined ? BROWSER_NAMES : [parseBrowser(flags.browser)];
  let removed = 0;
  const remove = async (path: string) => {
    if (!existsSync(path)) return;
    await rm(path, { recursive: true });
    removed++;
    say(`Removed ${path}`);
  };
  for (const name of names) {
    if (WINDOWS) removeKey(registryKey(name));
    for (const place of browserPlaces(name, THIS_SYSTEM)) {
      if (place.app) await removeFlatpakLauncher(place.app, THIS_SYSTEM);
      if (WINDOWS && flags.browser !== undefined) continue; // one manifest for all of them
      for (const manifest of manifestPaths(place, THIS_SYSTEM)) await remove(manifest);
    }
  }
  if (flags.browser === undefined) {
    for (const path of installedParts()) await remove(path);
    await removeCommand();
  }
  if (removed === 0 && !WINDOWS) say("There was nothing to remove."); // there, it may have been in the registry
  if (flags.browser !== undefined) return;
  // Whatever else is in there isn't ours.
  await rmdir(installFolder(THIS_SYSTEM)).catch(() => {});
  // A program can't delete itself everywhere; one of a package, with its parts beside it, is the package manager's.
  const alone = isExecutable() && !existsSync(join(dirname(process.execPath), "parts"));
  if (alone) say(`To remove the command itself, delete ${process.execPath}`);
  say("To remove the extension itself, open your browser's extensions page.");
}
