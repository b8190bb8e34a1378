// A small agent without a model, and where a real one plugs in. It knows three sentences: `open ADDRESS`, `click TEXT`,
// `read SELECTOR`; several are joined by `; `. Each step is a task that viewers see.
import { type AgentFunction, FlyBrowser } from "flybrowser-stream";
import type { Locator, Page } from "puppeteer-core";

/** Locators wait for a page that is still loading; so long, ms. */
const patient = <T>(locator: Locator<T>) => locator.setTimeout(3_000);

/** Does one sentence on the page. */
async function step(sentence: string, page: Page): Promise<string> {
  const [, verb, what = ""] = /^(open|click|read) (.+)$/.exec(sentence) ?? [];
  switch (verb) {
    case "open":
      await page.goto(what);
      return page.url();
    case "click":
      await patient(page.locator(`::-p-text(${what})`)).click();
      return what;
    case "read":
      return patient(page.locator(what))
        .map((element) => element.textContent?.trim() ?? "")
        .wait();
    default:
      throw new Error(`I don't understand: ${sentence}`);
  }
}

/** The agent: gives what its last step gave. */
export const scriptedAgent: AgentFunction<Page> = async (instruction, page, { task, note, signal }) => {
  let result = "";
  for (const sentence of instruction.split("; ")) {
    signal.throwIfAborted(); // the browser is being closed: no further step
    note(sentence);
    result = await task(sentence, () => step(sentence, page));
  }
  return result;
};

// A real agent takes the same place. Stagehand, on the same page:
//
//   const agent: AgentFunction<Page> = (instruction, page, { kind }) =>
//     kind === "act" ? stagehand.act(instruction, { page }) : stagehand.agent().execute(instruction);
//
// browser-use behind an HTTP service that drives this browser by its DevTools address:
//
//   const agent: AgentFunction<Page> = async (task, page, { signal }) => {
//     const body = JSON.stringify({ task, cdp_url: page.browser().wsEndpoint() });
//     return (await fetch("http://127.0.0.1:8000/run", { method: "POST", body, signal })).json();
//   };

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch({ agent: scriptedAgent });
  console.log(`Watch: ${(await browser.startStream()).player_url}`);
  console.log(await browser.agent("open https://example.com; read h1"));
}
