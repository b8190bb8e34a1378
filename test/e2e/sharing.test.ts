// Who can watch, as a person and a program choose it: in the popup before a stream and while it is live, by the SDK, by the command.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type InstalledPrograms, installTunnels } from "../fixtures/tunnel/install.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { openPerson, type Person } from "./harness/person.ts";

const CHOSEN = ".share[data-chosen=true] input";
let pages: Pages;
let tunnels: InstalledPrograms;
let person: Person | null = null;

beforeAll(async () => {
  pages = await servePages();
  tunnels = installTunnels(["ngrok"], "refuses");
});
afterEach(async () => {
  await person?.close();
  person = null;
});
afterAll(async () => {
  await pages.close();
  tunnels.remove();
});

test("the popup: my network with its QR code, back to this computer, what can't be had, and the choice is kept", async () => {
  person = await openPerson({ host: { ...tunnels.env, FLYBROWSER_VIEW_ADDRESS: "127.0.0.2" } });
  const { page, openPopup, nextPopup } = person;
  await page.goto(pages.url("pattern.html"));
  const popup = await openPopup();
  await popup.waitForSelector(`${CHOSEN}[value=network]`); // as the environment of the host says
  await popup.click(".share input[value=this-computer]");
  await popup.waitForSelector(`${CHOSEN}[value=this-computer]`);
  await popup.click(".share input[value=network]");
  await popup.waitForSelector(`${CHOSEN}[value=network]`);
  const reopened = nextPopup();
  await popup.click(".button.primary.wide");
  const live = await reopened;
  const link = () => live.$eval(".link input", (input) => (input as HTMLInputElement).value);
  await live.waitForSelector(".link input");
  const shared = await link();
  expect(shared).toMatch(/^http:\/\/127\.0\.0\.2:\d+\/s\/[\w-]+\/[\w-]+\/player$/);
  expect((await fetch(shared)).status).toBe(200);
  expect(await live.$eval(".share-note", ({ textContent }) => textContent)).toMatch(
    /^This link opens on the network of 127\.0\.0\.2/,
  );
  await live.click(".qr-toggle");
  await live.waitForSelector(".qr[aria-label='The link as a QR code'] path");

  await live.click(".share input[value=internet]");
  const refused = await live.waitForSelector(".error[data-code=share_unavailable]");
  expect(await refused?.evaluate(({ textContent }) => textContent)).toMatch(/ngrok: it ended.*an authtoken is needed/);
  expect([await link(), await live.$eval(CHOSEN, (input) => (input as HTMLInputElement).value)]).toEqual([
    shared,
    "network",
  ]);

  await live.click(".share input[value=this-computer]");
  await live.waitForFunction(() =>
    document.querySelector<HTMLInputElement>(".link input")?.value.includes("//127.0.0.1:"),
  );
  expect(await live.$eval(".share-note", ({ textContent }) => textContent)).toBe(
    "This link opens on this computer only.",
  );
  expect(await live.$(".qr")).toBeNull();

  await live.click(".links summary");
  await live.type(".new-link input", "Ada");
  await live.click(".new-link button");
  await live.waitForFunction(() => document.querySelectorAll(".links li").length === 2);
  expect(await live.$$eval(".link-name", (all) => all.map(({ textContent }) => textContent))).toEqual([
    "First link",
    "Ada",
  ]);
  await live.click(".links li:first-child .danger");
  await live.waitForFunction(() => document.querySelectorAll(".links li").length === 1);
  expect((await fetch(shared.replace("127.0.0.2", "127.0.0.1"))).status).toBe(404);
  await live.click(".actions .button.danger");
  await live.waitForSelector(`.quality-list`);
  await live.close();
  const last = await openPopup();
  await last.waitForSelector(`${CHOSEN}[value=this-computer]`);
});
