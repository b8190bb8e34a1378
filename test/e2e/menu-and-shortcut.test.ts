// Start and stop without the popup, by real keys and clicks in a real window.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Pages, servePages } from "./harness/pages.ts";
import { openPerson, type Person } from "./harness/person.ts";
import { openScreen, type Screen } from "./harness/screen.ts";
import { until } from "./harness/until.ts";

let pages: Pages;
let screen: Screen;
let person: Person;

async function badge(): Promise<string> {
  const text = "chrome.tabs.query({ active: true }).then(([tab]) => chrome.action.getBadgeText({ tabId: tab.id }))";
  return person.inExtension<string>(text);
}

const untilBadge = (text: string): Promise<boolean> =>
  until(`the badge says "${text}"`, async () => (await badge()) === text, 20_000);

/** Right-clicks the page and takes the entry above the last one (Inspect): the extension's. */
async function takeMenuEntry(): Promise<void> {
  await screen.act("mousemove", "400", "500", "click", "3", "sleep", "0.5", "key", "Up", "key", "Up", "key", "Return");
}

beforeAll(async () => {
  pages = await servePages();
  screen = await openScreen();
  person = await openPerson({ headless: false, env: { DISPLAY: screen.display } });
  await person.page.goto(pages.url("pattern.html"));
  // There is no window manager: the window gets the keys only when it is told to.
  const windows = await screen.act("search", "--sync", "--onlyvisible", "--class", "chrom");
  await screen.act("windowfocus", windows.split("\n").at(-1) ?? "");
  await screen.act("mousemove", "400", "500", "click", "1");
});

afterAll(async () => {
  await person?.close();
  await screen?.close();
  await pages?.close();
});

test("the shortcut starts, with the link on the clipboard, and stops", async () => {
  const opened = person.nextPopup();
  await screen.act("key", "alt+shift+s");
  await untilBadge("LIVE");
  const popup = await opened;
  await popup.waitForSelector(".copy[data-copied=true]");
  await screen.act("key", "alt+shift+s");
  await untilBadge("");
  await popup.close();
  expect(await person.page.title()).toBe("Pattern");
});

test("the entry of the context menu starts and stops, on a canvas too", async () => {
  const opened = person.nextPopup();
  await takeMenuEntry();
  await untilBadge("LIVE");
  await (await opened).close();
  await takeMenuEntry();
  await untilBadge("");
  expect(await person.page.title()).toBe("Pattern");
});
