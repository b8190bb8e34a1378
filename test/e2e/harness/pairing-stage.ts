// Where pairing is played: three sites of origins of their own, a browser with the extension, and the user at its options page.
// Never decides with what the browser is started, and never answers a prompt.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { noPrompt, OPTIONS } from "./pairing.ts";
import { type Site, serveSite } from "./site.ts";

const MOVING = `<!doctype html><title>Moving</title><body><p id="p"></p><script>
  let n = 0; (function tick() { p.textContent = ++n; document.body.style.background = "hsl(" + n + " 60% 60%)"; requestAnimationFrame(tick); })();
</script>`;

const PAGES = {
  "/": { html: MOVING },
  "/second": { html: MOVING },
  "/patched": { html: readFileSync(join(import.meta.dirname, "../../fixtures/pages/patched.html"), "utf8") },
  "/strict": {
    html: "<!doctype html><title>Strict</title>",
    headers: {
      "content-security-policy": "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    },
  },
  "/sandboxed": {
    html: "<!doctype html><title>Sandboxed</title>",
    headers: { "content-security-policy": "sandbox allow-scripts" },
  },
};

/** The sites and the browser of one test file. */
export interface PairingStage {
  readonly sites: readonly [Site, Site, Site];
  readonly browser: Browser;
  /** Opens a page in a tab of its own, until {@link PairingStage.tidy}. */
  open(url: string): Promise<Page>;
  /** Gives this computer's sites the page API on the options page, or takes it away, as the user would. */
  letAsk(allowed: boolean): Promise<void>;
  /** Forgets a site on the options page, as the user would. */
  revoke(origin: string): Promise<void>;
  /** Closes what was opened, and sees to it that no prompt is left. */
  tidy(): Promise<void>;
  /** Ends the browser and the sites. */
  close(): Promise<void>;
}

/** Serves the sites and starts the browser. */
export async function openStage(launch: () => Promise<Browser>): Promise<PairingStage> {
  const browser = await launch();
  const sites = await Promise.all([serveSite(PAGES), serveSite(PAGES), serveSite(PAGES)]);
  let opened: Page[] = [];
  const open = async (url: string): Promise<Page> => {
    const page = await browser.newPage();
    opened.push(page);
    await page.goto(url);
    return page;
  };
  const letAsk = async (allowed: boolean): Promise<void> => {
    const options = await open(OPTIONS);
    const site = `.api-sites [data-pattern="http://127.0.0.1/*"]`;
    if (allowed) {
      await options.waitForSelector("#add-site");
      await options.type("[name=site]", new URL(sites[0].origin).host);
      await options.click("#add-site");
    } else {
      await (await options.waitForSelector(`${site} button`))?.click();
    }
    await options.waitForSelector(site, { hidden: !allowed });
    await options.close();
  };
  await letAsk(true);
  return {
    sites,
    browser,
    open,
    letAsk,
    async revoke(origin) {
      const options = await open(OPTIONS);
      const site = `.site[data-origin="${origin}"]`;
      await (await options.waitForSelector(`${site} button`))?.click();
      await options.waitForSelector(site, { hidden: true });
      await options.close();
    },
    async tidy() {
      await Promise.all(opened.map((page) => page.close().catch(() => {})));
      opened = [];
      await noPrompt(browser);
    },
    async close() {
      await browser.close();
      await Promise.all(sites.map((site) => site.close()));
    },
  };
}
