// A person's own browser: the normal extension, loaded unpacked, and a host registered in its profile, or none.
// Never the automation build, and never the user's own profile.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page, type Target } from "puppeteer-core";
import { EXTENSION_ID, NATIVE_HOST_NAME } from "../../../protocol/version.ts";
import { findBrowser } from "../../../sdk/find-browser.ts";
import { builtPath, hostCommand } from "../../../sdk/installation.ts";
import { hostManifest, writeHostManifest, writeLauncher } from "../../../sdk/native-host-files.ts";
import { paced } from "../../fixtures/pace.ts";
import { until } from "./until.ts";

/** What is special about a person's browser. */
export interface PersonOptions {
  /** Variables of the host; null: no host is registered. */
  readonly host?: Readonly<Record<string, string>> | null;
  readonly headless?: boolean;
  /** A profile made by the test, in which nothing is registered here. */
  readonly profile?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of the extension; left out: the built one. */
  readonly extension?: string;
  /** Its id; left out: that of its key. */
  readonly extension_id?: string;
}

/** A person and their browser. */
export interface Person {
  readonly browser: Browser;
  readonly page: Page;
  /** Clicks the toolbar button in front of `page` and gives the popup. */
  openPopup(page?: Page): Promise<Page>;
  /** The next popup that opens, by whatever reason. */
  nextPopup(): Promise<Page>;
  /** Runs an expression in the service worker, where chrome.* is. */
  inExtension<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

async function register(profile: string, env: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(profile, "flybrowser");
  const launcher = await writeLauncher({
    folder,
    command: hostCommand(),
    env: { FLYBROWSER_STATE_DIR: join(folder, "state"), ...env },
  });
  await writeHostManifest(join(profile, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`), hostManifest(launcher));
}

/** Starts the browser. */
export async function openPerson({
  host = {},
  headless = true,
  profile,
  env = {},
  extension = builtPath("extension"),
  extension_id = EXTENSION_ID,
}: PersonOptions = {}): Promise<Person> {
  const made = profile === undefined ? mkdtempSync(join(tmpdir(), "flybrowser-person-")) : null;
  const userDataDir = profile ?? made ?? "";
  if (made !== null && host !== null) await register(made, host);
  const browser = await puppeteer.launch({
    executablePath: findBrowser(undefined),
    headless,
    pipe: true,
    enableExtensions: true,
    userDataDir,
    env: { ...process.env, ...env },
    ignoreDefaultArgs: ["--mute-audio"],
    args: [`--load-extension=${extension}`, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    defaultViewport: headless ? { width: 640, height: 360 } : null,
  });
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  const isPopup = (target: Target): boolean =>
    target.url().startsWith(`chrome-extension://${extension_id}/extension/popup/index.html`);
  const seen = new Set<Target>();
  const nextPopup = async (): Promise<Page> => {
    const target = await browser.waitForTarget((each) => isPopup(each) && !seen.has(each), { timeout: paced(15_000) });
    seen.add(target);
    const popup = await target.asPage();
    // What Puppeteer waits for in the empty document before it may never be looked for in the popup's.
    await until("the popup's document", () =>
      popup.evaluate(() => document.body !== null && location.href !== "about:blank"),
    );
    return popup;
  };
  return {
    browser,
    page,
    nextPopup,
    async openPopup(tab = page) {
      const extension = (await browser.extensions()).get(extension_id);
      if (!extension) throw new Error("the extension is not loaded");
      await extension.triggerAction(tab);
      return nextPopup();
    },
    async inExtension<T>(expression: string) {
      const target = await browser.waitForTarget((each) => each.type() === "service_worker");
      return (await (await target.worker())?.evaluate(expression)) as T;
    },
    async close() {
      await browser.close();
      if (made !== null) rmSync(made, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
