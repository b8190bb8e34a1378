// `npm run screenshots`: makes the pictures of docs/images anew from the real chain: the popup before and during a stream, and the
// player. Needs a build.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "puppeteer-core";
import { serveDemo } from "../cli/stream-command.ts";
import { builtPath } from "../sdk/installation.ts";
import { openPerson } from "../test/e2e/harness/person.ts";

const FOLDER = join(import.meta.dirname, "../docs/images");
/** ms of stream before it is shown. */
const SETTLED = 12_000;

async function shoot(page: Page, name: string, { width, height }: { width: number; height: number }): Promise<void> {
  await sleep(500);
  const path = `${join(FOLDER, name)}.png` as `${string}.png`;
  await page.screenshot({ path, clip: { x: 0, y: 0, width, height } });
  process.stdout.write(`docs/images/${name}.png\n`);
}

/** A popup in its own size. */
async function shootPopup(popup: Page, name: string): Promise<void> {
  await popup.setViewport({ width: 360, height: 600, deviceScaleFactor: 2 });
  const height = await popup.evaluate(() => document.getElementById("app")?.offsetHeight ?? 0);
  await shoot(popup, name, { width: 360, height });
}

mkdirSync(FOLDER, { recursive: true });
const demo = await serveDemo(builtPath("demo"));
const person = await openPerson();
try {
  await person.page.goto(demo.url);
  await person.page.mouse.click(640, 300); // it has sound from a click on
  const popup = await person.openPopup();
  await popup.waitForSelector(".tab-picture img");
  await shootPopup(popup, "popup");
  const reopened = person.nextPopup();
  await popup.click(".button.primary.wide");
  const live = await reopened;
  const link = await live.waitForSelector(".link input");
  const address = (await link?.evaluate((input) => (input as HTMLInputElement).value)) ?? "";
  const player = await person.browser.newPage();
  await player.setViewport({ width: 1280, height: 800, deviceScaleFactor: 1 });
  await player.goto(address);
  await player.waitForFunction(() => document.querySelector(".badge")?.textContent === "Live");
  await sleep(SETTLED);
  await shoot(player, "player", { width: 1280, height: 800 });
  await person.page.bringToFront();
  const now = await person.openPopup();
  await now.waitForSelector(".live .tab-picture img");
  await shootPopup(now, "popup-live");
} finally {
  await person.close();
  await demo.close();
}
