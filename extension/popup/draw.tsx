// Finds out which tab the popup is about, and draws it.
import { render } from "preact";
import browser from "webextension-polyfill";
import { speakOnPage } from "../../protocol/languages.ts";
import { App } from "./app.tsx";
import { firstState } from "./first-state.ts";

/** Draws the popup in the place of what stands in `root`. `?tab_id=` in the page's address: about another tab than the one in front. */
export async function draw(root: HTMLElement): Promise<void> {
  const named = new URLSearchParams(location.search).get("tab_id");
  const [first] = await Promise.all([
    firstState(named !== null && /^\d+$/.test(named) ? Number(named) : null),
    speakOnPage([browser.i18n.getUILanguage()]),
  ]);
  if (!first?.state) root.replaceChildren(); // something else will stand there, and Preact leaves what it can't make use of
  if (first) render(<App tab_id={first.tab_id} first={first.state} />, root);
}
