// Subject: the tab alone in a headless Chromium, the baseline of the others.
import { launchBrowser } from "../browser.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

/** Opens the page and nothing else. */
export async function start({ page_url }: SubjectContext): Promise<RunningSubject> {
  const browser = await launchBrowser();
  const [page] = await browser.pages();
  if (!page) throw new Error("Chromium opened no page.");
  await page.goto(page_url);
  return {
    async finish() {
      const painted = await page.evaluate(() => window.paintedFrames);
      await browser.close();
      return { file: null, painted };
    },
  };
}
