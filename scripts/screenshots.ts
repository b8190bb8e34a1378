// `npm run screenshots`: makes the pictures of docs/images anew from the real chain: the popup before and during a stream, the
// player, and an animation from the click to the player. Needs a build, and an FFmpeg with libwebp.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "puppeteer-core";
import { serveDemo } from "../cli/stream-command.ts";
import { builtPath } from "../sdk/installation.ts";
import { openPerson, type Person } from "../test/e2e/harness/person.ts";
import { type Frame, writeAnimation } from "./animation.ts";

const FOLDER = join(import.meta.dirname, "../docs/images");
/** ms of stream before it is shown, and within which it must be as on a machine that isn't busy. */
const SETTLED = 12_000;
const CALM_WITHIN = 60_000;
/** px of the tab that is streamed, and of the animation. */
const TAB = { width: 1280, height: 720 } as const;
const STAGE = { width: 800, height: 500 } as const;
/** Pictures of the player in the animation, and s for each. */
const MOVING = { pictures: 24, seconds: 0.2 } as const;

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

/** The tab with the popup over it, where the browser shows it: neither is in a screenshot of the other. */
async function stagePicture({ browser, page: tab }: Person, name: string): Promise<Uint8Array> {
  const data = (path: string) => `data:image/png;base64,${path}`;
  const below = data(await tab.screenshot({ encoding: "base64" }));
  const stage = await browser.newPage();
  await stage.setViewport({ ...STAGE, deviceScaleFactor: 1 });
  const above = data(readFileSync(join(FOLDER, `${name}.png`)).toString("base64"));
  const look =
    "position:absolute;right:12px;top:6px;height:calc(100% - 18px);object-fit:contain;object-position:top;border-radius:10px";
  await stage.setContent(
    `<body style="margin:0"><img src="${below}" style="width:100%;height:100%;object-fit:cover;filter:brightness(.8)">
    <img src="${above}" style="${look};filter:drop-shadow(0 4px 16px #0008)">`,
  );
  const png = await stage.screenshot();
  await stage.close();
  return png;
}

mkdirSync(FOLDER, { recursive: true });
const demo = await serveDemo(builtPath("demo"));
const person = await openPerson();
try {
  const frames: Frame[] = [];
  await person.page.setViewport(TAB);
  await person.page.goto(demo.url);
  await person.page.mouse.click(640, 300); // it has sound from a click on
  const popup = await person.openPopup();
  await Promise.all([".tab-picture img", ".tab-icon"].map((seen) => popup.waitForSelector(seen)));
  await shootPopup(popup, "popup");
  frames.push({ png: await stagePicture(person, "popup"), seconds: 2 });
  await person.page.bringToFront();
  const again = await person.openPopup();
  await again.waitForSelector(".tab-picture img");
  const reopened = person.nextPopup();
  await again.click(".button.primary.wide");
  const live = await reopened;
  const link = await live.waitForSelector(".link input");
  const address = (await link?.evaluate((input) => (input as HTMLInputElement).value)) ?? "";
  const player = await person.browser.newPage();
  await player.setViewport({ width: 1280, height: 800, deviceScaleFactor: 1 });
  await player.goto(address);
  await player.waitForFunction(() => document.querySelector(".badge")?.textContent === "Live");
  await sleep(SETTLED);
  // On a busy machine a viewer gets a lower rendition, late: that is no picture of it.
  await player.waitForFunction(
    () => /1280×720.*fps(\d{1,3} ms|1\.\d s)/s.test(document.querySelector(".facts")?.textContent ?? ""),
    { timeout: CALM_WITHIN },
  );
  await shoot(player, "player", { width: 1280, height: 800 });
  await person.page.bringToFront();
  const now = await person.openPopup();
  await now.waitForSelector(".live .tab-picture img");
  await shootPopup(now, "popup-live");
  frames.push({ png: await stagePicture(person, "popup-live"), seconds: 2.5 });
  await player.bringToFront();
  await player.setViewport({ ...STAGE, deviceScaleFactor: 1 });
  for (let picture = 0; picture < MOVING.pictures; picture++) {
    frames.push({ png: await player.screenshot(), seconds: MOVING.seconds });
    await sleep(MOVING.seconds * 1000);
  }
  writeAnimation(join(FOLDER, "start.webp"), frames, process.env.FLYBROWSER_FFMPEG);
  process.stdout.write("docs/images/start.webp\n");
} finally {
  await person.close();
  await demo.close();
}
