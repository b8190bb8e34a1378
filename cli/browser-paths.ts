// Where each browser looks for native messaging hosts of this user, on Linux (packages, snaps, Flatpaks), macOS and Windows.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installFolder, type System } from "../protocol/node/data-directory.ts";
import { NATIVE_HOST_NAME } from "../protocol/version.ts";

interface BrowserEntry {
  readonly title: string;
  /** Its folder below the user's settings folder. */
  readonly linux: string;
  readonly mac: string;
  /** Key under HKCU\Software in which it looks for hosts: that of Chrome for most that are built from it. */
  readonly registry: string;
  readonly extensions_page: string;
  /** Its programs on the PATH, and its application on macOS. */
  readonly programs: readonly string[];
  readonly application: string;
  /** Its id as a Flatpak. */
  readonly flatpak?: string;
  /** Its settings folder as a snap, below ~/snap. */
  readonly snap?: string;
  /** Other browsers in whose folders it looks too. */
  readonly also?: readonly string[];
}

/**
 * The browsers that the host can be registered with. Paths from their documentation of native messaging, and where they have none
 * (Opera, Vivaldi) from what other programs with hosts do.
 */
export const BROWSERS = {
  chrome: {
    title: "Google Chrome",
    linux: "google-chrome",
    mac: "Google/Chrome",
    registry: "Google\\Chrome",
    extensions_page: "chrome://extensions",
    programs: ["google-chrome", "google-chrome-stable"],
    application: "Google Chrome",
    flatpak: "com.google.Chrome",
  },
  "chrome-beta": {
    title: "Google Chrome Beta",
    linux: "google-chrome-beta",
    mac: "Google/Chrome Beta",
    registry: "Google\\Chrome",
    extensions_page: "chrome://extensions",
    programs: ["google-chrome-beta"],
    application: "Google Chrome Beta",
  },
  "chrome-dev": {
    title: "Google Chrome Dev",
    linux: "google-chrome-unstable",
    mac: "Google/Chrome Dev",
    registry: "Google\\Chrome",
    extensions_page: "chrome://extensions",
    programs: ["google-chrome-unstable"],
    application: "Google Chrome Dev",
    flatpak: "com.google.ChromeDev",
  },
  chromium: {
    title: "Chromium",
    linux: "chromium",
    mac: "Chromium",
    registry: "Chromium",
    extensions_page: "chrome://extensions",
    programs: ["chromium", "chromium-browser"],
    application: "Chromium",
    flatpak: "org.chromium.Chromium",
    snap: "chromium/common/chromium",
  },
  edge: {
    title: "Microsoft Edge",
    linux: "microsoft-edge",
    mac: "Microsoft Edge",
    registry: "Microsoft\\Edge",
    extensions_page: "edge://extensions",
    programs: ["microsoft-edge", "microsoft-edge-stable"],
    application: "Microsoft Edge",
    flatpak: "com.microsoft.Edge",
  },
  "edge-beta": {
    title: "Microsoft Edge Beta",
    linux: "microsoft-edge-beta",
    mac: "Microsoft Edge Beta",
    registry: "Microsoft\\Edge",
    extensions_page: "edge://extensions",
    programs: ["microsoft-edge-beta"],
    application: "Microsoft Edge Beta",
  },
  "edge-dev": {
    title: "Microsoft Edge Dev",
    linux: "microsoft-edge-dev",
    mac: "Microsoft Edge Dev",
    registry: "Microsoft\\Edge",
    extensions_page: "edge://extensions",
    programs: ["microsoft-edge-dev"],
    application: "Microsoft Edge Dev",
  },
  brave: {
    title: "Brave",
    linux: "BraveSoftware/Brave-Browser",
    mac: "BraveSoftware/Brave-Browser",
    registry: "Google\\Chrome",
    extensions_page: "brave://extensions",
    programs: ["brave", "brave-browser"],
    application: "Brave Browser",
    flatpak: "com.brave.Browser",
    snap: "brave/current/.config/BraveSoftware/Brave-Browser",
  },
  vivaldi: {
    title: "Vivaldi",
    linux: "vivaldi",
    mac: "Vivaldi",
    registry: "Google\\Chrome",
    extensions_page: "vivaldi://extensions",
    programs: ["vivaldi", "vivaldi-stable"],
    application: "Vivaldi",
    flatpak: "com.vivaldi.Vivaldi",
  },
  opera: {
    title: "Opera",
    linux: "opera",
    mac: "com.operasoftware.Opera",
    registry: "Google\\Chrome",
    extensions_page: "opera://extensions",
    programs: ["opera"],
    application: "Opera",
    also: ["chrome"],
  },
} as const satisfies Record<string, BrowserEntry>;

/** Name of a browser. */
export type BrowserName = keyof typeof BROWSERS;

/** The names of all of them. */
export const BROWSER_NAMES = Object.keys(BROWSERS) as BrowserName[];

const entryOf = (name: BrowserName): BrowserEntry => BROWSERS[name];

/** A place in which a browser keeps its profiles, or another form of it does. */
export interface BrowserPlace {
  readonly browser: BrowserName;
  /** `flatpak`, `snap`: in a sandbox. */
  readonly kind: "usual" | "flatpak" | "snap";
  readonly title: string;
  /** Folder of the profiles; `null` on Windows, where the registry is used. */
  readonly folder: string | null;
  /** A Flatpak's id. */
  readonly app?: string;
}

/** All places of a browser on a system, whether it is there or not. */
export function browserPlaces(browser: BrowserName, system: System): BrowserPlace[] {
  const { title, linux, flatpak, snap } = entryOf(browser);
  const usual: BrowserPlace = { browser, kind: "usual", title, folder: profileFolder(browser, system) };
  if (system.platform !== "linux") return [usual];
  const places = [usual];
  if (flatpak) {
    const folder = join(system.home, ".var/app", flatpak, "config", linux);
    places.push({ browser, kind: "flatpak", title: `${title} (Flatpak)`, folder, app: flatpak });
  }
  if (snap) places.push({ browser, kind: "snap", title: `${title} (snap)`, folder: join(system.home, "snap", snap) });
  return places;
}

/** The folder in which a browser keeps its profiles; `null` on Windows. */
export function profileFolder(name: BrowserName, { platform, env, home }: System): string | null {
  if (platform === "win32") return null;
  if (platform === "darwin") return join(home, "Library", "Application Support", BROWSERS[name].mac);
  return join(env.XDG_CONFIG_HOME || join(home, ".config"), BROWSERS[name].linux);
}

/** The registry key by which a browser on Windows finds the host. */
export function registryKey(name: BrowserName): string {
  return `HKCU\\Software\\${BROWSERS[name].registry}\\NativeMessagingHosts\\${NATIVE_HOST_NAME}`;
}

/** Paths of the manifest for a browser in a place; on Windows it is with the host, and the registry points to it. */
export function manifestPaths({ browser, folder }: BrowserPlace, system: System): string[] {
  if (folder === null) return [join(installFolder(system), `${NATIVE_HOST_NAME}.json`)];
  const others = (entryOf(browser).also ?? []).map((name) => profileFolder(name as BrowserName, system) ?? "");
  return [folder, ...others].map((each) => join(each, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`));
}

/** Whether a browser is installed, even if this user has never started it. Snaps are told apart by `isSnap`. */
function isInstalled(name: BrowserName, { platform, env, home }: System, isSnap: (path: string) => boolean): boolean {
  const { programs, application } = BROWSERS[name];
  if (platform === "darwin") {
    const applications = ["/Applications", join(home, "Applications")];
    return applications.some((folder) => existsSync(join(folder, `${application}.app`)));
  }
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const paths = folders.flatMap((folder) => programs.map((program) => join(folder, program)));
  return paths.some((path) => existsSync(path) && !isSnap(path));
}

/** What {@link browsersInUse} asks the system. */
export interface SystemAnswers {
  /** Whether Windows' registry knows it. */
  readonly known?: (name: BrowserName) => boolean;
  readonly isSnap?: (path: string) => boolean;
}

/** The browsers that this user has: those with settings, and those that are installed. */
export function browsersInUse(system: System, answers: SystemAnswers = {}): BrowserPlace[] {
  const { known = () => false, isSnap = () => false } = answers;
  return BROWSER_NAMES.flatMap((name) =>
    browserPlaces(name, system).filter(({ kind, folder }) => {
      if (folder === null) return known(name);
      return existsSync(folder) || (kind === "usual" && isInstalled(name, system, isSnap));
    }),
  );
}
