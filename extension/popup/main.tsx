// Entry of the popup: finds out which tab it is about and draws.
import { render } from "preact";
import browser from "webextension-polyfill";
import { speakOnPage } from "../../protocol/languages.ts";
import { App } from "./app.tsx";

async function tabInQuestion(): Promise<number | null> {
  const named = new URLSearchParams(location.search).get("tab_id");
  if (named !== null && /^\d+$/.test(named)) return Number(named);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? null;
}

await speakOnPage([browser.i18n.getUILanguage()]);
const root = document.getElementById("app");
const tab_id = await tabInQuestion();
if (root && tab_id !== null) render(<App tab_id={tab_id} />, root);
