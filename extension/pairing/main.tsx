// Entry of the prompt: asks what it is about and draws. Closes itself when nobody waits for the answer.
// Never answers by itself.
import { render } from "preact";
import type { Decision } from "../../protocol/page-messages.ts";
import { PromptConnection } from "./connection.ts";
import { Prompt } from "./prompt.tsx";

const request_id = new URLSearchParams(location.search).get("request_id") ?? "";
const connection = new PromptConnection(request_id, () => window.close());
const root = document.getElementById("app");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") window.close();
});

try {
  const request = await connection.describe();
  const answer = (decision: Decision) => void connection.answer(decision).finally(() => window.close());
  if (root) render(<Prompt request={request} onAnswer={answer} />, root);
} catch {
  window.close();
}
