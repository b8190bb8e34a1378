// Where each browser looks for native messaging hosts of this user, on Linux, macOS and Windows.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installFolder, type System } from "../protocol/node/data-directory.ts";
import { NATIVE_HOST_NAME } from "../protocol/version.ts";

interface BrowserEntry {
  readonly title: string;
  /** Its folder below the user's settings folder. */
  readonly linux: string;
  readonly mac: string;
  /** Key under HKCU\Software. */
  readonly registry: string;
  /** URL of its extensions page. */
  readonly extensions_page: string;
}

/** The browsers that the host can be registered with; paths from their documentation of native messaging. */
export const BROWSERS = {
  chrome: {
    title: "Google Chrome",
    linux: "google-chrome",
    mac: "Google/Chrome",
    registry: "Google\\Chrome",
    extensions_page: "chrome://extensions",
  },
  chromium: {
    title: "Chromium",
    linux: "chromium",
    mac: "Chromium",
    registry: "Chromium",
    extensions_page: "chrome://extensions",
  },
  edge: {
    title: "Microsoft Edge",
    linux: "microsoft-edge",
    mac: "Microsoft Edge",
    registry: "Microsoft\\Edge",
    extensions_page: "edge://extensions",
  },
  brave: {
    title: "Brave",
    linux: "BraveSoftware/Brave-Browser",
    mac: "BraveSoftware/Brave-Browser",
    registry: "BraveSoftware\\Brave-Browser",
    extensions_page: "brave://extensions",
  },
} as const satisfies Record<string, BrowserEntry>;

/** Name of a browser. */
export type BrowserName = keyof typeof BROWSERS;

/** The names of all of them. */
export const BROWSER_NAMES = Object.keys(BROWSERS) as BrowserName[];

/** The folder in which a browser keeps its profiles; `null` on Windows, where the registry is used. */
export function profileFolder(name: BrowserName, system: System): string | null {
  const { platform, env, home } = system;
  if (platform === "win32") return null;
  if (platform === "darwin") return join(home, "Library", "Application Support", BROWSERS[name].mac);
  return join(env.XDG_CONFIG_HOME || join(home, ".config"), BROWSERS[name].linux);
}

/** The registry key by which a browser on Windows finds the host. */
export function registryKey(name: BrowserName): string {
  return `HKCU\\Software\\${BROWSERS[name].registry}\\NativeMessagingHosts\\${NATIVE_HOST_NAME}`;
}

/** Path of the manifest for a browser; on Windows it is with the host, and the registry points to it. */
export function manifestPath(name: BrowserName, system: System): string {
  const folder = profileFolder(name, system);
  if (folder === null) return join(installFolder(system), `${NATIVE_HOST_NAME}.${name}.json`);
  return join(folder, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`);
}

/** Browsers that this user has used: those with settings, or on Windows those that `known` says yes to. */
export function browsersInUse(system: System, known: (name: BrowserName) => boolean = () => false): BrowserName[] {
  return BROWSER_NAMES.filter((name) => {
    const folder = profileFolder(name, system);
    return folder === null ? known(name) : existsSync(folder);
  });
}
