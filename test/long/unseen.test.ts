// As test/e2e/unseen.test.ts, by Playwright, which dismisses a dialog that its program doesn't listen for; and each thing that is drawn.
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { until } from "../e2e/harness/until.ts";

const PAGE = `<body style="margin:0"><div style="height:30px"></div>
  <p id=titled title="A tooltip" style="margin:0;width:80px">text</p>
  <select id=list><option>one<option>two<option>three</select>
  <input id=date type=date><input id=city list=cities><datalist id=cities><option>Ulm<option>Berlin</datalist>
  <input id=file type=file><iframe id=frame srcdoc="<button onclick='alert(1)'>x</button><select><option>four<option>five<option>six</select>"></iframe>`;

const SITE = "http://unseen.localhost/";

let context: BrowserContext;
let page: Page;
let browser: FlyBrowser<Page>;
beforeAll(async () => {
  const options = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  context = await chromium.launchPersistentContext(options.user_data_dir, options.playwright);
  page = context.pages()[0] ?? (await context.newPage());
  // Of a site: others have no permissions.
  await page.route(SITE, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
  await page.goto(SITE);
  browser = await FlyBrowser.attach(page, { show_actions: true });
  await browser.startStream({ quality: "low_bandwidth" });
});
afterAll(() => context.close());

const shot = async () => (await page.screenshot({ caret: "initial" })).toString("base64");
const detail = () => browser.tasks.at(-1)?.detail;

test("a dialog without a listener is dismissed by Playwright as ever; one with is its program's; those of frames are told too", async () => {
  await browser.task("Ask", async () => {
    expect(await page.evaluate(() => confirm("Really?"))).toBe(false);
    await until("told", () => detail() === "Dialog: Really? – dismissed");
    page.once("dialog", (dialog) => void dialog.accept("Ada"));
    expect(await page.evaluate(() => prompt("Who?"))).toBe("Ada");
    await until("told, without what was typed", () => detail() === "Dialog: Who? – accepted");
    page.once("dialog", (dialog) => void dialog.accept());
    await page.frameLocator("#frame").locator("button").click();
    await until("told", () => detail() === "Dialog: 1 – accepted");
  });
});

test("a chooser with a program that waits for it, and files that are set without one", async () => {
  await browser.task("Upload", async () => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#file")]);
    await chooser.setFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") });
    await until("told", () => detail() === "Choice of files – a.txt");
    await page.setInputFiles("#file", { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("b") });
    await until("told", () => detail() === "Choice of files – b.txt");
  });
});

test("a chooser of a page whose document was written anew", async () => {
  await page.setContent(PAGE);
  await browser.task("Upload again", async () => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#file")]);
    await chooser.setFiles({ name: "c.txt", mimeType: "text/plain", buffer: Buffer.from("c") });
    await until("told", () => detail() === "Choice of files – c.txt");
  });
});

test("what is printed, and a permission that is given", async () => {
  await browser.task("Print", async () => {
    await page.pdf();
    await until("told", () => detail() === "Printing – over");
    await context.grantPermissions(["geolocation"]);
    await until("told", () => detail() === "Permission: geolocation – allowed");
  });
});

test.each([
  // Rows of what is drawn, beside those of pointer, focus and text.
  ["the list of a select", 60, () => page.click("#list")],
  ["the list of a select in a frame", 60, () => page.frameLocator("#frame").locator("select").click()],
  ["the value of a date", 35, () => page.fill("#date", "2026-11-28")],
  ["what a datalist suggests", 35, () => page.fill("#city", "b")],
  ["a tooltip", 40, () => page.hover("#titled")],
] as const)("%s is drawn, %i rows of it, and the page has nothing of it", async (_, rows, act) => {
  // Nothing of what was drawn before, and the pointer away.
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.mouse.click(600, 10);
  await page.waitForTimeout(4_500);
  const plain = await page.evaluate(() => document.body.innerHTML);
  const before = await shot();
  await act();
  await until("it is drawn", async () => (await drawnRows(before)) > rows);
  expect(await page.evaluate(() => document.body.innerHTML)).toBe(plain);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.mouse.click(600, 10);
});

/** Rows of the picture that are another colour than before, counted by the page's own canvas. */
async function drawnRows(before: string): Promise<number> {
  const now = await shot();
  return page.evaluate(
    async ([one, two]) => {
      const load = async (data: string | undefined) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const brush = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
        brush.drawImage(image, 0, 0);
        return brush.getImageData(0, 0, image.width, image.height);
      };
      const [a, b] = [await load(one), await load(two)];
      const rows = new Set<number>();
      for (let at = 0; at < a.data.length; at += 4)
        if (Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0)) > 60) rows.add(Math.floor(at / 4 / a.width));
      return rows.size;
    },
    [before, now],
  );
}
