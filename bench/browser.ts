// Starts the Chromium of a baseline or a viewer: headless, with sound, 1280×720. The streamed browser of our own chain is
// started by the SDK.
import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";

/** The size at which everything is measured, px. */
export const VIEWPORT = { width: 1280, height: 720 } as const;

/** Height of tabs and toolbar, px: the window is that much taller than its page. */
const BROWSER_BARS = 87;

/** Path of the Chromium that is measured. @throws Error when there is none. */
export function chromiumPath(): string {
  const candidates = [
    process.env.FLYBROWSER_CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (!found)
    throw new Error(
      "No Chromium was found. Install it (`apt install chromium`) or set FLYBROWSER_CHROMIUM to its path.",
    );
  return found;
}

/** Arguments that every measured Chromium gets. */
export function chromiumArgs(): string[] {
  const args = ["--autoplay-policy=no-user-gesture-required", "--disable-features=Translate"];
  if (process.getuid?.() === 0) args.push("--no-sandbox"); // Chromium refuses its sandbox as root
  return args;
}

/** Starts Chromium, with the extension in `extension.path` if given. The caller closes it. */
export async function launchBrowser(extension?: { path: string; id: string }): Promise<Browser> {
  const own = extension ? [`--load-extension=${extension.path}`, `--allowlisted-extension-id=${extension.id}`] : [];
  return puppeteer.launch({
    executablePath: chromiumPath(),
    headless: true,
    defaultViewport: { ...VIEWPORT },
    pipe: true,
    args: [...chromiumArgs(), `--window-size=${VIEWPORT.width},${VIEWPORT.height + BROWSER_BARS}`, ...own],
    // Muted, Chromium captures digital silence.
    ignoreDefaultArgs: extension ? ["--mute-audio", "--disable-extensions"] : ["--mute-audio"],
  });
}
