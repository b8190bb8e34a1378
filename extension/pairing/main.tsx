// Entry of the prompt: asks the service worker what it is about, and draws. Closes itself when nobody waits for the answer; a
// service worker that was restarted knows nothing of it, so it doesn't connect again.
import { render } from "preact";
import { speakOnPage } from "../../protocol/languages.ts";
import { BackgroundForPairingContract, type Decision, NoContract, PAIRING_PORT } from "../../protocol/page-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { text } from "../../protocol/sentence.ts";
import { backgroundTransport } from "../background-connection.ts";
import { Prompt } from "./prompt.tsx";

/** ms between two signs of life; Chrome ends a service worker that hears nothing for 30 s. */
const STAY_EVERY = 15_000;

const request_id = new URLSearchParams(location.search).get("request_id") ?? "";
const background = new Peer({
  transport: backgroundTransport(PAIRING_PORT),
  local: NoContract,
  remote: BackgroundForPairingContract,
  handlers: {},
  listeners: {},
  onClose: () => window.close(),
});
const root = document.getElementById("app");

setInterval(() => void background.call("stay", {}).catch(() => {}), STAY_EVERY);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") window.close();
});

await speakOnPage([chrome.i18n.getUILanguage()]);
document.title = text("prompt.title");
try {
  const request = await background.call("describe", { request_id });
  const answer = (decision: Decision) =>
    void background.call("answer", { request_id, decision }).finally(() => window.close());
  if (root) render(<Prompt request={request} onAnswer={answer} />, root);
} catch {
  window.close();
}
