// Connects to a browser that runs already by its DevTools address.
import type { Browser, Page } from "puppeteer-core";
import { LATE, timeout } from "../protocol/async.ts";
import { FlyBrowserError, wordsOf } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";
import { importPuppeteer } from "./launch.ts";

/** ms that a page may take to say whether it is seen. */
const LOOK_TIMEOUT = 1_000;

/** Checks the form of a DevTools address that was given as `option`. @throws FlyBrowserError `invalid_option` */
export function assertDevToolsAddress(option: string, address: string): void {
  if (/^(https?|wss?):\/\/./i.test(address) && URL.canParse(address)) return;
  const allowed = "http://127.0.0.1:9222, ws://127.0.0.1:9222/devtools/browser/…";
  throw new FlyBrowserError("invalid_option", { option, value: JSON.stringify(address), allowed });
}

/**
 * Connects to it. Its pages keep their size.
 * @throws FlyBrowserError `invalid_option`, `browser_not_attachable`, `package_missing`
 */
export async function connectBrowser(address: string): Promise<Browser> {
  assertDevToolsAddress("cdp_url", address);
  const where = /^ws/i.test(address) ? { browserWSEndpoint: address } : { browserURL: address };
  const { default: library } = await importPuppeteer();
  try {
    return await library.connect({ ...where, defaultViewport: null });
  } catch (cause) {
    const reason = sentence("attach.no_address", { error: wordsOf(cause) });
    throw new FlyBrowserError("browser_not_attachable", { reason, advice: sentence("attach.address") }, { cause });
  }
}

/**
 * The page that is meant: the one with `text` in its address or title, else the one in front.
 * @throws FlyBrowserError `tab_not_found`
 */
export async function choosePage(browser: Browser, text: string | undefined): Promise<Page> {
  const pages = (await browser.pages()).filter((page) => !/^(chrome-extension|devtools):/.test(page.url()));
  const of = async <T>(look: Promise<T>): Promise<T | null> => {
    const found = await timeout(
      look.catch(() => null),
      LOOK_TIMEOUT,
    );
    return found === LATE ? null : found;
  };
  for (const page of pages) {
    const fits =
      text === undefined
        ? await of(page.evaluate(() => document.visibilityState === "visible" && document.hasFocus()))
        : page.url().includes(text) || (await of(page.title()))?.includes(text);
    if (fits) return page;
  }
  const [last] = text === undefined ? pages.slice(-1) : [];
  if (!last) throw new FlyBrowserError("tab_not_found", { tab: text ?? sentence("tab.in_front") });
  return last;
}
