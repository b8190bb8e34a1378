// The loops of two well-known agents, with a list of steps in the place of the model: `npx tsx examples/loops.ts`. What is ours is how their
// parts become tasks that viewers see.
import { type AgentFunction, FlyBrowser } from "flybrowser-stream";
import type { Page } from "puppeteer-core";

/** Something on the page that can be acted on. */
export interface Candidate {
  readonly selector: string;
  readonly description: string;
}

/** As Stagehand's `observe`: what on the page fits the words. */
export async function observe(page: Page, words: string): Promise<Candidate[]> {
  const found = await page.$$eval("a, button, input, h1", (elements) =>
    elements.map((element, at) => {
      element.setAttribute("data-candidate", String(at));
      const label = element.getAttribute("placeholder") ?? element.getAttribute("aria-label") ?? element.textContent;
      return { selector: `[data-candidate="${at}"]`, description: label?.trim() ?? "" };
    }),
  );
  return found.filter(({ description }) => description.toLowerCase().includes(words.toLowerCase()));
}

/** Stagehand's shape: the program says each step in words; the agent looks, then acts on what it has found. */
export const observeAndAct: AgentFunction<Page> = async (instruction, page, { note }) => {
  const [, verb = "", words = "", text = ""] = /^(click|type) "([^"]*)"(?: "([^"]*)")?$/.exec(instruction) ?? [];
  note("looking"); // shown under the task's name
  const [candidate] = await observe(page, words);
  if (!candidate) throw new Error(`Nothing on the page fits: ${instruction}`);
  note(`${verb} ${candidate.description}`);
  if (verb === "type") await page.type(candidate.selector, text);
  else await page.click(candidate.selector);
  return candidate.description;
};

/** What a model answers in browser-use: its goal for this turn, and actions. */
export interface Turn {
  readonly next_goal: string;
  readonly actions: readonly { readonly [action: string]: string }[];
}
/** Gets the state of the page as text; `null`: the task is done. */
export type Model = (state: string, turn: number) => Turn | null | Promise<Turn | null>;

/** browser-use's shape: state of the page to the model, actions from it, until it says that it is done. */
export function turns(model: Model, most = 20): AgentFunction<Page> {
  return async (_instruction, page, { task, signal }) => {
    for (let turn = 0; turn < most; turn++) {
      signal.throwIfAborted(); // the browser is being closed
      const state = await page.evaluate(() => `${location.href}\n${document.title}\n${document.body.innerText}`);
      const next = await model(state, turn);
      if (next === null) return state;
      await task(next.next_goal, async ({ note }) => {
        for (const action of next.actions) {
          const [name = "", value = ""] = Object.entries(action)[0] ?? [];
          note(`${name} ${value}`);
          await act(page, name, value);
        }
      });
    }
    throw new Error(`Not done after ${most} turns`);
  };
}

async function act(page: Page, name: string, value: string): Promise<void> {
  if (name === "go_to_url") await page.goto(value);
  else if (name === "click") await Promise.all([page.waitForNavigation(), page.click(value)]);
  else throw new Error(`There is no action ${name}`);
}

if (process.argv[1] === import.meta.filename) {
  const plan: Turn[] = [{ next_goal: "Open the page", actions: [{ go_to_url: "https://example.com" }] }];
  await using browser = await FlyBrowser.launch({ agent: turns((_state, turn) => plan[turn] ?? null) });
  console.log(`Watch: ${(await browser.startStream()).player_url}`);
  console.log(await browser.agent("Tell me what this page says"));
}
