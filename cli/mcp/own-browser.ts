// The browser that the MCP server starts for itself when it is first asked to open a tab, and ends with itself.
import { Deadline, sleep } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";
import { shownAddress } from "../../protocol/shown-address.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { targetIdOf } from "../../sdk/page-target.ts";
import { allTabs, type RunningTab } from "./running.ts";

/** ms that a page may take to load. */
const PAGE_TIMEOUT = 30_000;
/** ms that the extension has to see a tab that was opened. */
const TAB_TIMEOUT = 5_000;
const LOOK_INTERVAL = 50;

/** How it is started. */
export interface OwnBrowserOptions {
  readonly headed: boolean;
  readonly executable_path: string | undefined;
  /** Port of 127.0.0.1 by which other programs may drive it; `null`: none. */
  readonly debugging_port: number | null;
}

/** The browser. */
export class OwnBrowser {
  readonly #options: OwnBrowserOptions;
  #launched: Promise<FlyBrowser> | null = null;
  #used = false;
  /** What steers its pages, by the DevTools id of each. */
  readonly #drivers = new Map<string, FlyBrowser>();

  constructor(options: OwnBrowserOptions) {
    this.#options = options;
  }

  /** Starts it, unless it runs. @throws FlyBrowserError as `FlyBrowser.launch` */
  async start(): Promise<FlyBrowser> {
    this.#launched ??= this.#launch();
    try {
      const browser = await this.#launched;
      if (browser.page.browser().connected) return browser;
      await browser.close();
    } catch (thrown) {
      this.#launched = null;
      throw thrown;
    }
    this.#used = false;
    this.#drivers.clear();
    this.#launched = this.#launch(); // the person has closed its window
    return this.#launched;
  }

  /** Opens a page in a tab of its own. @throws FlyBrowserError `page_not_reachable`, and as {@link start} */
  async open(url: string): Promise<RunningTab> {
    const browser = await this.start();
    const page = this.#used || browser.page.isClosed() ? await browser.page.browser().newPage() : browser.page;
    this.#used = true;
    try {
      await page.goto(url, { waitUntil: "domcontentloaded", timeout: PAGE_TIMEOUT });
    } catch (cause) {
      const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/ at \S+$/, "");
      throw new FlyBrowserError("page_not_reachable", { url: shownAddress(url), reason }, { cause });
    }
    const target_id = await targetIdOf(page);
    for (const deadline = new Deadline(TAB_TIMEOUT); !deadline.passed; await sleep(LOOK_INTERVAL)) {
      const tab = (await allTabs()).find((each) => each.target_id === target_id);
      if (tab) return tab;
    }
    throw new FlyBrowserError("tab_not_found", { tab: sentence("tab.closed") });
  }

  /**
   * What streams and hands off a page of it as the SDK does (password fields are masked); `null`: the page isn't one of its own.
   * @throws FlyBrowserError as `FlyBrowser.attach`
   */
  async driverOf(target_id: string | null): Promise<FlyBrowser | null> {
    const browser = await this.#launched?.catch(() => null);
    if (!browser?.page.browser().connected || target_id === null) return null;
    const known = this.#drivers.get(target_id);
    if (known && !known.page.isClosed()) return known;
    for (const page of await browser.page.browser().pages()) {
      if ((await targetIdOf(page).catch(() => null)) !== target_id) continue;
      const driver = await FlyBrowser.attach(page);
      this.#drivers.set(target_id, driver);
      return driver;
    }
    return null;
  }

  /** Ends it, with its streams; its recordings are finished. */
  async close(): Promise<void> {
    await this.#launched?.then(
      (browser) => browser.close(),
      () => {}, // it never ran
    );
  }

  #launch(): Promise<FlyBrowser> {
    const { headed, executable_path, debugging_port } = this.#options;
    return FlyBrowser.launch({
      headless: !headed,
      handle_signals: false,
      ...(executable_path === undefined ? {} : { executable_path }),
      // Puppeteer adds no switch for its own pipe where there is one for a port.
      ...(debugging_port === null
        ? {}
        : { args: ["--remote-debugging-pipe", `--remote-debugging-port=${debugging_port}`] }),
    });
  }
}
