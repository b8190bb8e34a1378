// Browsers that run already and that others drive: the server attaches to them by their DevTools addresses.
import type { Browser } from "puppeteer-core";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";
import { connectBrowser } from "../../sdk/connect.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { targetIdOf } from "../../sdk/page-target.ts";

/** Those of one server. */
export class AttachedBrowsers {
  /** Attached to as soon as a tool needs it: the program that starts it may do so later. */
  readonly #endpoint: string | null;
  readonly #browsers = new Map<string, Browser>();
  /** What streams and steers a page, by its DevTools id. */
  readonly #drivers = new Map<string, FlyBrowser>();

  constructor(endpoint: string | null) {
    this.#endpoint = endpoint;
  }

  /** Attaches to the browser that the server was started for, unless it is. @throws FlyBrowserError as {@link attach} */
  async ready(): Promise<void> {
    if (this.#endpoint !== null) await this.attach(this.#endpoint);
  }

  /**
   * Attaches to a browser, unless it is; gives the DevTools ids of its pages.
   * @throws FlyBrowserError `invalid_option`, `browser_not_attachable`, `page_in_own_context`, `page_without_extension`
   */
  async attach(address: string): Promise<string[]> {
    let browser = this.#browsers.get(address);
    if (!browser?.connected) {
      browser = await connectBrowser(address);
      this.#browsers.set(address, browser);
    }
    const ids: string[] = [];
    let refused: unknown = new FlyBrowserError("tab_not_found", { tab: sentence("tab.in_front") });
    for (const page of await browser.pages()) {
      const id = await targetIdOf(page).catch(() => null);
      if (id === null) continue;
      ids.push(id);
      if (this.#knows(browser)) continue;
      // With the first page that has it, the browser has the extension.
      await FlyBrowser.attach(page).then(
        (driver) => this.#drivers.set(id, driver),
        (thrown: unknown) => {
          refused = thrown;
        },
      );
    }
    if (this.#knows(browser)) return ids;
    this.#browsers.delete(address);
    await browser.disconnect();
    throw refused;
  }

  /** What drives a page of one of them; `null`: it is of none. @throws FlyBrowserError as `FlyBrowser.attach` */
  async driverOf(target_id: string | null): Promise<FlyBrowser | null> {
    if (target_id === null) return null;
    const known = this.#drivers.get(target_id);
    if (known && !known.page.isClosed()) return known;
    for (const browser of this.#browsers.values()) {
      if (!browser.connected) continue;
      for (const page of await browser.pages()) {
        if ((await targetIdOf(page).catch(() => null)) !== target_id) continue;
        const driver = await FlyBrowser.attach(page);
        this.#drivers.set(target_id, driver);
        return driver;
      }
    }
    return null;
  }

  /** Ends its streams there, and leaves the browsers as they were. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#drivers.values()].map((driver) => driver.close()));
    this.#drivers.clear();
    await Promise.allSettled([...this.#browsers.values()].map((browser) => browser.disconnect()));
    this.#browsers.clear();
  }

  #knows(browser: Browser): boolean {
    return [...this.#drivers.values()].some(({ page }) => page.browser() === browser && browser.connected);
  }
}
