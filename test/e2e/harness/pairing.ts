// The user's side of pairing, by hand: the prompt's window and its buttons, and a page's calls.
// Never answers a prompt that a test doesn't name.
import type { Browser, Page } from "puppeteer-core";
import type { PageApi } from "../../../extension/page/page-api.ts";
import { EXTENSION_ID } from "../../../protocol/version.ts";
import { until } from "./until.ts";

/** Address of the prompt, without its request. */
const PROMPT = `chrome-extension://${EXTENSION_ID}/extension/pairing/index.html`;
/** Address of the options page. */
export const OPTIONS = `chrome-extension://${EXTENSION_ID}/extension/options/index.html`;

/** The window of a page, with the API. */
export type ApiWindow = Window & typeof globalThis & { readonly flybrowser: PageApi };

/** What became of a call. */
export type Outcome = { readonly ok: unknown } | { readonly code: string; readonly message: string };

/** Calls a method of the page API in a page. */
export function callApi(page: Page, method: string, params?: unknown): Promise<Outcome> {
  return page.evaluate(
    async (method, params) => {
      const api = (window as unknown as ApiWindow).flybrowser as unknown as Record<
        string,
        (params?: unknown) => Promise<unknown>
      >;
      try {
        return { ok: await api[method]?.(params) };
      } catch (thrown) {
        const { code, message } = thrown as { code: string; message: string };
        return { code, message };
      }
    },
    method,
    params,
  );
}

/** The prompts that are open. */
export async function prompts(browser: Browser): Promise<Page[]> {
  const targets = browser.targets().filter((target) => target.url().startsWith(PROMPT));
  return Promise.all(targets.map((target) => target.asPage()));
}

/** Waits for the one prompt and for its buttons to take clicks. */
export async function prompt(browser: Browser): Promise<Page> {
  const page = await until("a prompt", async () => (await prompts(browser))[0]);
  await page.waitForSelector("#once:enabled");
  return page;
}

/** Clicks a button of the one prompt, and waits for its window to close. */
export async function answer(browser: Browser, decision: "once" | "always" | "never"): Promise<void> {
  const page = await prompt(browser);
  await page.click(`#${decision}`);
  await noPrompt(browser);
}

/** Waits until no prompt is open. */
export async function noPrompt(browser: Browser): Promise<void> {
  await until("no prompt", async () => (await prompts(browser)).length === 0);
}
