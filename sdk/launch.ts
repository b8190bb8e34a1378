// Starts Chromium with the extension and the host in a throw-away profile, or gives the options to do so.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, LaunchOptions as PuppeteerOptions } from "puppeteer-core";
import { LATE, timeout } from "../protocol/async.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import { assertEnvironment, temporaryDirectory } from "../protocol/node/environment.ts";
import { VIEW_ADDRESS } from "../protocol/node/view-addresses.ts";
import { findBrowser } from "./find-browser.ts";
import { builtPath } from "./installation.ts";
import { browserSwitches, IGNORED_DEFAULTS, type LaunchOptions, parseLaunchOptions } from "./launch-options.ts";
import { automationExtension, createProfile, extensionFolder, removeProfile } from "./profile.ts";

/** What `FlyBrowser.launchOptions` gives. */
export interface DriverOptions {
  /** For `puppeteer.launch(…)`. */
  readonly puppeteer: PuppeteerOptions;
  /** For Playwright's `chromium.launchPersistentContext(user_data_dir, …)`. */
  readonly playwright: {
    readonly executablePath: string;
    readonly headless: boolean;
    readonly args: string[];
    readonly ignoreDefaultArgs: string[];
    readonly viewport: { readonly width: number; readonly height: number };
    readonly deviceScaleFactor: number;
    readonly env: Record<string, string>;
  };
  /** The throw-away profile. */
  readonly user_data_dir: string;
}

/**
 * The environment of the browser. What it and its libraries keep beside the profile goes into the profile too: caches, crash
 * reports, PulseAudio's files if there is no runtime directory.
 */
function environment(profile: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(inherited),
    ...(process.platform === "win32" ? {} : { TMPDIR: temporaryDirectory() }), // Chromium has its sockets there
    XDG_CACHE_HOME: join(profile, "xdg-cache"),
    CHROME_CONFIG_HOME: join(profile, "xdg-config"),
    ...(process.env.XDG_RUNTIME_DIR ? {} : { PULSE_RUNTIME_PATH: join(profile, "pulse") }),
  };
}

/**
 * Creates a profile and gives the options to start a browser with it.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`, `not_built`, `package_missing`, `browser_not_found`,
 * `environment_unusable`.
 */
export async function driverOptions(input: LaunchOptions): Promise<DriverOptions> {
  const options = parseLaunchOptions(input);
  assertEnvironment();
  const executablePath = findBrowser(options.executable_path);
  builtPath("extension"); // before there is anything to remove
  const { view_address } = options;
  const profile = await createProfile(view_address === undefined ? {} : { [VIEW_ADDRESS]: view_address });
  const args = browserSwitches(options, await automationExtension(profile), executablePath);
  const { headless, handle_signals: handle } = options;
  const { device_scale_factor: deviceScaleFactor = 1, ...viewport } = options.viewport;
  const env = environment(profile);
  const common = { executablePath, headless, args, ignoreDefaultArgs: [...IGNORED_DEFAULTS], env };
  return {
    puppeteer: {
      ...common,
      // Chromium exits when this pipe closes, so it can't outlive a program that was killed.
      pipe: true,
      userDataDir: profile,
      defaultViewport: { ...viewport, deviceScaleFactor },
      handleSIGINT: handle,
      handleSIGTERM: handle,
      handleSIGHUP: handle,
    },
    playwright: { ...common, viewport, deviceScaleFactor },
    user_data_dir: profile,
  };
}

/** The program's own Puppeteer, so that its pages are those it knows; else the one in this package. */
export async function importPuppeteer(): Promise<typeof import("puppeteer-core")> {
  try {
    return await import("puppeteer-core");
  } catch {
    return await import(/* @vite-ignore */ pathToFileURL(builtPath("puppeteer")).href);
  }
}

/**
 * Starts the browser.
 * @throws FlyBrowserError as {@link driverOptions}; `browser_failed`.
 */
export async function startBrowser(input: LaunchOptions): Promise<{ browser: Browser; profile: string }> {
  const { puppeteer, user_data_dir: profile } = await driverOptions(input);
  try {
    const { default: library } = await importPuppeteer();
    const browser = await library.launch({ ...puppeteer, handleSIGTERM: false, handleSIGHUP: false });
    // Puppeteer does this too, but after the profile was removed: what still writes to it would make it anew.
    const kill = () => browser.process()?.kill("SIGKILL");
    process.prependListener("exit", kill);
    browser.once("disconnected", () => process.off("exit", kill));
    if (puppeteer.handleSIGTERM) endWithSignals(browser, profile);
    return { browser, profile };
  } catch (cause) {
    removeProfile(profile);
    if (cause instanceof FlyBrowserError) throw cause;
    const reason = cause instanceof Error ? cause.message.split("\n").slice(0, 12).join("\n") : String(cause);
    throw new FlyBrowserError("browser_failed", { reason }, { cause });
  }
}

/**
 * Puppeteer closes the browser at these signals but, having taken them, leaves the program running: here it ends, with the status of a
 * program that they end. SIGINT it handles so itself.
 */
function endWithSignals(browser: Browser, profile: string): void {
  for (const [signal, number] of [
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    const end = () => void endBrowser(browser, profile).finally(() => process.exit(128 + number));
    process.once(signal, end);
    browser.once("disconnected", () => process.off(signal, end));
  }
}

/**
 * Loads the extension again after its process has died, in a browser that {@link startBrowser} started (DevTools protocol:
 * Extensions.loadUnpacked, on the browser's session).
 */
export async function restartExtension(browser: Browser, profile: string): Promise<void> {
  const session = await browser.target().createCDPSession();
  try {
    await session.send("Extensions.loadUnpacked", { path: extensionFolder(profile) });
  } finally {
    await session.detach().catch(() => {});
  }
}

/** ms that a browser has to exit before it is killed. */
const CLOSE_TIMEOUT = 5_000;

/** Closes a browser that {@link startBrowser} started, kills it if need be, and removes its profile. */
export async function endBrowser(browser: Browser, profile: string): Promise<void> {
  const child = browser.process();
  const exited = new Promise<void>((resolve) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
  try {
    // Rejects when the browser is gone already, which is as good.
    const closed = browser
      .close()
      .catch(() => {})
      .then(() => exited);
    if ((await timeout(closed, CLOSE_TIMEOUT)) === LATE) child?.kill("SIGKILL");
    await closed;
  } finally {
    removeProfile(profile);
  }
}
