// Entry of the popup: finds out which tab it is about and draws.
import { render } from "preact";
import browser from "webextension-polyfill";
import { speakOnPage } from "../../protocol/languages.ts";
import { App } from "./app.tsx";
import { firstState } from "./first-state.ts";

const named = new URLSearchParams(location.search).get("tab_id");
const [first] = await Promise.all([
  firstState(named !== null && /^\d+$/.test(named) ? Number(named) : null),
  speakOnPage([browser.i18n.getUILanguage()]),
]);
const root = document.getElementById("app");
if (root && first) render(<App tab_id={first.tab_id} first={first.state} />, root);
