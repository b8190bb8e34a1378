// Entry of the popup. Its header and its buttons stand in the HTML: they get their words here and are painted before anything else is
// loaded. What is pressed before the rest is there is pressed again then.
import type { PAGES_EN } from "../../protocol/sentences/pages-en.ts";

/** ms after which the rest is loaded though nothing was painted: Chrome makes no frame of a page that nobody sees. */
const AT_LATEST = 100;
/** The buttons, as in index.html and app.tsx. */
const BUTTONS = ["button.primary", "button.record", "button.settings"];

const root = document.getElementById("app") as HTMLElement;
// The service worker opens it with this while something is captured, and then says which buttons there are.
if (location.hash === "#captured") root.replaceChildren();
let word = (code: keyof typeof PAGES_EN) => chrome.i18n.getMessage(code.replace(".", "_"));
if (new URLSearchParams(location.search).has("lang")) {
  const [languages, { text }] = await Promise.all([
    import("../../protocol/languages.ts"),
    import("../../protocol/sentence.ts"),
  ]);
  await languages.speakOnPage([]);
  word = text; // another language than the browser's
}
for (const element of root.querySelectorAll<HTMLElement>("[data-text]")) {
  element.textContent = word(element.dataset.text as keyof typeof PAGES_EN);
}

let pressed: string | undefined;
const press = ({ target }: Event) => {
  pressed = BUTTONS.find((button) => (target as Element).closest(button)) ?? pressed;
};
root.addEventListener("click", press);

let due = true;
const load = async () => {
  if (!due) return;
  due = false;
  const { draw } = await import("./draw.tsx");
  await draw(root);
  root.removeEventListener("click", press);
  if (pressed !== undefined) root.querySelector<HTMLButtonElement>(pressed)?.click();
};
requestAnimationFrame(() => setTimeout(load));
setTimeout(load, AT_LATEST);
