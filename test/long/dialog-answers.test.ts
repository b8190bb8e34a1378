// A person who has taken over answers the dialogs of a page's scripts in their player: those that were open when they came, and those that
// open meanwhile; by Puppeteer, which leaves them open, and by Playwright, which would dismiss them.
import { type BrowserContext, chromium } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import type { AnyPage } from "../../sdk/page-target.ts";
import { violations } from "../e2e/harness/accessibility.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, type Viewer } from "../e2e/harness/viewer.ts";

const VIEWPORT = { width: 640, height: 360 };
/** What each press of the button in the middle of the page asks. */
const CONTENT = `<title>Dialogs</title><body style="margin:0"><button style="position:fixed;inset:100px">Ask</button><script>
  globalThis.answers = [];
  const asks = [() => confirm("Delete all?"), () => confirm("Really?"), () => prompt("Who?", "Ada"), () => alert("Gone")];
  document.querySelector("button").onclick = () => answers.push(asks[answers.length % asks.length]());
</script>`;

type Answers = (boolean | string | null | undefined)[];

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each().catch(() => {});
});

async function watch(browser: { createLink(options: object): Promise<{ player_url: string }> }): Promise<Viewer> {
  const viewer = await openViewer((await browser.createLink({ allow: "control", name: "Ada" })).player_url);
  cleanUp.push(() => viewer.close());
  await until("the picture", async () => (await viewer.frames()) > 0);
  return viewer;
}

async function takeOver({ page }: Viewer): Promise<void> {
  await (await page.waitForSelector(".take-over button::-p-text(Take over)"))?.click();
  await page.waitForSelector(".player[data-control=yours]");
}

/** Clicks in the middle of the picture. */
async function press(viewer: Viewer): Promise<void> {
  await until("the picture", () => viewer.page.$eval("video", ({ videoWidth }) => videoWidth > 0));
  const { x, y } = await viewer.page.$eval("video", (video) => {
    const { left, top, width, height } = video.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  });
  await viewer.page.mouse.click(x, y);
}

const dialog = async ({ page }: Viewer, words: string) => {
  await page.waitForSelector(`[role=dialog]::-p-text(${words})`);
  return (button: "OK" | "Cancel" | "Leave" | "Stay") =>
    page.waitForSelector(`[role=dialog] button::-p-text(${button})`).then((found) => found?.click());
};
const closed = ({ page }: Viewer) => page.waitForSelector("[role=dialog]", { hidden: true });

/** Each kind that a page can open, answered both ways. */
async function answerAll(viewer: Viewer, answers: () => Promise<Answers>): Promise<void> {
  await press(viewer);
  const first = await dialog(viewer, "Delete all?");
  await viewer.page.waitForFunction(() =>
    document.getAnimations().every(({ effect }) => effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY),
  );
  expect(await violations(viewer.page)).toEqual([]);
  await first("OK");
  await closed(viewer);
  await until("the next answer", async () => (await answers()).length === 1);
  await press(viewer);
  await (await dialog(viewer, "Really?"))("Cancel");
  await until("the next answer", async () => (await answers()).length === 2);
  await press(viewer);
  const prompt = await dialog(viewer, "Who?");
  expect(await viewer.page.$eval("[role=dialog] input", (input) => (input as HTMLInputElement).value)).toBe("Ada");
  await viewer.page.keyboard.type(" & Bob"); // it has the focus
  await prompt("OK");
  await until("the next answer", async () => (await answers()).length === 3);
  await press(viewer);
  await dialog(viewer, "Gone");
  await viewer.page.keyboard.press("Enter");
  await until("the next answer", async () => (await answers()).length === 4);
  expect((await answers()).slice(0, 3)).toEqual([true, false, "Ada & Bob"]);
}

test("Puppeteer: one that the agent could not answer, all kinds, the page that is left; what is open at the end is dismissed", async () => {
  const browser = await FlyBrowser.launch({ viewport: VIEWPORT });
  cleanUp.push(() => browser.close());
  const { page } = browser;
  const answers = () => page.evaluate(() => (globalThis as unknown as { answers: Answers }).answers);
  await page.goto("about:blank");
  await page.setContent(CONTENT);
  await browser.startStream({ quality: "ultra_low_latency" });
  const viewer = await watch(browser);

  // It stands over the page before anybody comes: the agent asks whoever has the link.
  const clicked = page.click("button");
  const asked = browser.handOff({ reason: "What shall I answer?", timeout: 60 });
  asked.catch(() => {}); // told below
  await takeOver(viewer);
  await (await dialog(viewer, "Delete all?"))("Cancel");
  await clicked;
  expect(await answers()).toEqual([false]);
  await page.evaluate(() => {
    (globalThis as unknown as { answers: Answers }).answers.length = 0;
  });
  await answerAll(viewer, answers);

  // A page that asks before it is left: here to stay, there to leave.
  await page.evaluate(() => addEventListener("beforeunload", (event) => event.preventDefault()));
  const leave = () => page.evaluate(() => location.assign("about:blank")).catch(() => {});
  void leave();
  await (await dialog(viewer, "Leave this page?"))("Stay");
  await closed(viewer);
  expect(await page.title()).toBe("Dialogs");
  // The program's own answer takes it from the person.
  page.once("dialog", (opened) => setTimeout(() => void opened.accept(), 1_000));
  void page.evaluate(() => confirm("Mine?"));
  await dialog(viewer, "Mine?");
  await closed(viewer);

  void page.evaluate(() => confirm("Forgotten?"));
  await dialog(viewer, "Forgotten?");
  await (await viewer.page.waitForSelector(".take-over button::-p-text(Done)"))?.click();
  expect(await asked).toMatchObject({ outcome: "done" });
  expect(await page.title()).toBe("Dialogs"); // it doesn't stand still
});

test("Playwright: it leaves them to the person while they have control, and dismisses them as ever before and afterwards", async () => {
  const { user_data_dir, playwright } = await FlyBrowser.launchOptions({ viewport: VIEWPORT });
  const context: BrowserContext = await chromium.launchPersistentContext(user_data_dir, {
    ...playwright,
    viewport: VIEWPORT,
  });
  cleanUp.push(() => context.close());
  const page = context.pages()[0] ?? (await context.newPage());
  await page.setContent(CONTENT);
  const answers = () => page.evaluate(() => (globalThis as unknown as { answers: Answers }).answers);
  const browser = await FlyBrowser.attach(page as typeof page & AnyPage);
  cleanUp.push(() => browser.close());
  await browser.startStream({ quality: "ultra_low_latency", allow_control: true });
  const viewer = await watch(browser);
  expect(await page.evaluate(() => confirm("Nobody?"))).toBe(false);
  await takeOver(viewer);
  await answerAll(viewer, answers);
  const open = page.evaluate(() => confirm("Open at the end?"));
  await dialog(viewer, "Open at the end?");
  await (await viewer.page.waitForSelector(".take-over button::-p-text(Done)"))?.click();
  expect(await open).toBe(false);
  await viewer.page.waitForSelector(".player[data-control=open]");
  expect(await page.evaluate(() => confirm("Nobody?"))).toBe(false);
});
