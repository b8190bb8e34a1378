// Texts in Chrome's own places (menus, the toolbar button), in Chrome's language. The build writes them into `_locales`, out of the table
// (Chrome's docs: chrome.i18n).
import browser from "webextension-polyfill";
import type { PAGES_EN } from "../../protocol/sentences/pages-en.ts";

/** Codes of texts that the build writes there. */
export type ChromeTextCode = Extract<keyof typeof PAGES_EN, `${"menu" | "badge"}.${string}`>;

/** A text of the table. */
export function chromeText(code: ChromeTextCode): string {
  return browser.i18n.getMessage(code.replace(".", "_"));
}
