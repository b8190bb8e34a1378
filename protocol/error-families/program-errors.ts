// Errors of what must be installed, built and running, and of the connections between it: host, extension, FFmpeg, browser, player.
// Never of what is done with it.
import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the programs that are needed. */
export const PROGRAM_ERRORS = {
  host_not_installed: {
    message: "The FlyBrowser Stream host is not installed on this computer, or this browser may not start it.",
    fix: "Run `flybrowser install`, then try again.",
    status: 503,
  },
  host_lost: {
    message: "The connection to the FlyBrowser Stream host was lost: {reason}.",
    fix: "Try again; if it happens again, run `flybrowser doctor`.",
    status: 503,
  },
  host_not_running: {
    message: "No FlyBrowser Stream host is running.",
    fix: "Open a browser that has the extension, or run `flybrowser stream URL`.",
    status: 503,
  },
  extension_lost: {
    message: "The connection to the FlyBrowser Stream extension was lost: {reason}.",
    fix: "Call again; after an update of the extension, reload the page first.",
    status: 503,
  },
  ffmpeg_not_found: {
    message: "FFmpeg was not found, or is too old (4.4 or newer is needed): {reason}.",
    fix: "Install FFmpeg (Debian, Ubuntu: `apt install ffmpeg`), or set FLYBROWSER_FFMPEG to its path.",
    status: 503,
  },
  ffmpeg_failed: {
    message: "FFmpeg ended with an error: {reason}.",
    fix: "Run `flybrowser doctor`; the log it names has the whole story.",
    status: 500,
  },
  browser_not_found: {
    message: "No Chromium was found: {reason}.",
    fix: "Install Chromium (Debian, Ubuntu: `apt install chromium`), or give executable_path or FLYBROWSER_CHROMIUM.",
    status: 503,
  },
  browser_failed: {
    message: "The browser could not be started or closed unexpectedly: {reason}.",
    fix: "Start it by hand with the same options to see why, or give another executable_path.",
    status: 500,
  },
  not_built: {
    message: "{path} is missing: the project is not built.",
    fix: "Run `npm run build` in the project's folder, or install the package again.",
    status: 503,
  },
  package_missing: {
    message: "The npm package {name} is not installed.",
    fix: "Run `npm install {name}`.",
    status: 503,
  },
  player_not_found: {
    message: "No program was found that plays {path}.",
    fix: "Open the file with a player of your choice, or install one (Debian, Ubuntu: `apt install mpv`).",
    status: 503,
  },
  player_failed: {
    message: "{program} {end}, so {path} was not opened.",
    fix: "Open the file with a player of your choice, or install one (Debian, Ubuntu: `apt install mpv`).",
    status: 503,
  },
  page_without_extension: {
    message: "The browser of this page has no FlyBrowser Stream extension that answers (waited {seconds} s).",
    fix: "Start the browser with what FlyBrowser.launchOptions() gives: puppeteer.launch(options.puppeteer), or chromium.launchPersistentContext(options.user_data_dir, options.playwright).",
    status: 409,
  },
} as const satisfies Record<string, ErrorEntry>;
