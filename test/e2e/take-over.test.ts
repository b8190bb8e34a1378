// A person takes over in the middle of an agent's task: the example of a login with a second factor, whose person is a player in a browser
// of its own.
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logIn } from "../../examples/second-factor.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { violations } from "./harness/accessibility.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";
import { openViewer, type Viewer } from "./harness/viewer.ts";

/** Of the page that is taken over, px; the viewer's window has another shape. */
const PAGE = { width: 640, height: 360 };

let pages: Pages;
let browser: FlyBrowser;
const viewers: Viewer[] = [];

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: PAGE });
});
afterAll(async () => {
  for (const viewer of viewers) await viewer.close();
  await browser.close();
  await pages.close();
});

/** Where a point of the page is on the viewer's screen. */
async function onScreen(viewer: Page, x: number, y: number): Promise<{ x: number; y: number }> {
  const box = await viewer.$eval("video", (video) => {
    const { left, top, width, height } = video.getBoundingClientRect();
    return { left, top, width, height };
  });
  const scale = Math.min(box.width / PAGE.width, box.height / PAGE.height);
  const [left, top] = [(box.width - PAGE.width * scale) / 2, (box.height - PAGE.height * scale) / 2];
  return { x: box.left + left + x * scale, y: box.top + top + y * scale };
}

const click = async (viewer: Page, x: number, y: number, options = {}) => {
  const at = await onScreen(viewer, x, y);
  await viewer.mouse.click(at.x, at.y, options);
};
const button = (viewer: Page, text: string) => viewer.waitForSelector(`.take-over button::-p-text(${text})`);
/** Once what fades in is there. */
async function accessible(viewer: Page): Promise<void> {
  await viewer.waitForFunction(() =>
    document.getAnimations().every(({ effect }) => effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY),
  );
  expect(await violations(viewer)).toEqual([]);
}
interface PageEvent {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly buttons: number;
  readonly trusted: boolean;
  readonly value?: string;
}
const events = () => browser.page.evaluate(() => (globalThis as unknown as { events: PageEvent[] }).events);

test("a person enters the second factor in the middle of an agent's task, whatever the size of the player", async () => {
  let logged = Promise.resolve("");
  const link = await new Promise<string>((invite, failed) => {
    logged = logIn(browser, pages.url("login.html"), invite);
    logged.catch(failed);
  });
  const watching = await openViewer((await browser.getStreamStatus()).status?.player_url ?? "");
  const asked = await openViewer(link);
  viewers.push(watching, asked);
  const { page } = asked;

  await button(page, "Take over");
  expect(await page.$eval(".take-over", ({ textContent }) => textContent)).toContain("the code from your phone");
  // Whoever only watches is neither asked nor let in.
  expect(await watching.page.$(".take-over")).toBeNull();
  expect(watching.requests.filter((each) => each.startsWith("ws"))).toEqual([]);
  await until("the picture", async () => (await asked.frames()) > 0);
  await accessible(page);
  const bySocket: string[] = [];
  const input = await page.createCDPSession();
  await input.send("Network.enable");
  input.on("Network.webSocketFrameSent", ({ response }) => bySocket.push(response.payloadData));
  await (await button(page, "Take over"))?.click();
  await page.waitForSelector(".player[data-control=yours]");
  await accessible(page);
  const { status } = await browser.getStreamStatus();
  expect(status?.control).toMatchObject({ state: "taken", by: "Ada" });
  expect(status?.tasks.find(({ name }) => name === "Ada has taken over")).toMatchObject({ state: "running" });

  // The agent's own calls work meanwhile, and its tasks are marked.
  await browser.task("Look at the title", () => browser.page.title());
  await until("the marked task", async () =>
    (await browser.getStreamStatus()).status?.tasks.find(({ name }) => name === "Look at the title"),
  ).then((task) => expect(task).toMatchObject({ controlled_by: "Ada" }));

  // Pointer: a press, a drag and a double click arrive where they were made, to a pixel or two, as a person's.
  const [from, to] = [await onScreen(page, 60, 200), await onScreen(page, 280, 250)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await page.mouse.up();
  await click(page, 100, 220, { count: 2 });
  await click(page, 150, 220, { button: "right" });
  const seen = await until("what was done on the pad", async () => {
    const all = await events();
    return all.some(({ type }) => type === "contextmenu") && all;
  });
  const first = (type: string) => seen.find((event) => event.type === type) ?? ({} as PageEvent);
  expect(Math.hypot(first("mousedown").x - 60, first("mousedown").y - 200)).toBeLessThan(3);
  expect(Math.hypot(first("mouseup").x - 280, first("mouseup").y - 250)).toBeLessThan(3);
  expect(seen.filter(({ type, buttons }) => type === "mousemove" && buttons === 1).length).toBeGreaterThan(0);
  expect(Math.hypot(first("dblclick").x - 100, first("dblclick").y - 220)).toBeLessThan(3);
  expect(seen.filter(({ trusted }) => trusted === false)).toEqual([]);

  // A finger, with the viewer's screen as it is.
  const finger = await onScreen(page, 200, 230);
  await page.touchscreen.tap(finger.x, finger.y);
  const touched = await until("the touch", async () => (await events()).find(({ type }) => type === "touchstart"));
  expect(Math.hypot(touched.x - 200, touched.y - 230)).toBeLessThan(3);
  await until("its end", async () => (await events()).find(({ type }) => type === "touchend"));

  // What the page's browser would draw where nobody sees it: the person chooses in the player.
  await click(page, 100, 75);
  await page.waitForSelector(".picker select");
  expect(
    await page.$$eval(".picker option", (all) => all.map(({ textContent, disabled }) => [textContent, disabled])),
  ).toEqual(
    [["Here", false], ["Nowhere", true], ["There", false]], // biome-ignore format: one list
  );
  await accessible(page);
  await page.select(".picker select", "2");
  await page.click(".picker .strong");
  await click(page, 100, 115);
  await page.waitForSelector(".picker input[type=date]");
  await page.$eval(".picker input", (input) => {
    (input as HTMLInputElement).value = "2027-02-03";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.click(".picker .strong");
  await until("both choices", async () => (await events()).filter(({ type }) => type === "change").length === 2);
  expect((await events()).filter(({ type }) => type === "change").map(({ value }) => value)).toEqual([
    "There",
    "2027-02-03",
  ]);

  // Keys, a shortcut, pasted text, the wheel: by now all of it goes by WebRTC's data channel, no more by the socket.
  await until("input by the channel", async () => {
    const sent = bySocket.length;
    await click(page, 100, 35);
    await input.send("Runtime.evaluate", { expression: "0" }); // what was sent before is told before the answer
    return bySocket.length === sent;
  });
  const before = bySocket.length;
  await page.keyboard.type("wrong");
  await page.keyboard.down("Control");
  await page.keyboard.press("a");
  await page.keyboard.up("Control");
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "493 0");
    document.querySelector(".control-field")?.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
  });
  // An input method: what it composes comes as text, once.
  await input.send("Input.imeSetComposition", { text: "2", selectionStart: 1, selectionEnd: 1 });
  await input.send("Input.imeSetComposition", { text: "21", selectionStart: 2, selectionEnd: 2 });
  await input.send("Input.insertText", { text: "21" });
  await until(
    "the code",
    async () => (await browser.page.$eval("#code", (input) => (input as HTMLInputElement).value)) === "493 021",
  );
  await page.mouse.wheel({ deltaY: 200 });
  await until("the page has scrolled", () => browser.page.evaluate(() => scrollY > 100));
  await page.mouse.wheel({ deltaY: -400 });
  await until("and back", () => browser.page.evaluate(() => scrollY === 0));
  await page.keyboard.press("Enter");
  await browser.page.waitForSelector("#welcome");
  expect(bySocket.slice(before)).toEqual([]);

  await page.type(".take-over-note", "It was in the other app");
  await (await button(page, "Done"))?.click();
  expect(await logged).toBe("Welcome, agent");
  const after = await until("the end", async () => {
    const now = (await browser.getStreamStatus()).status;
    return now?.control === undefined && now;
  });
  expect(after.tasks.find(({ name }) => name === "Ada has taken over")).toMatchObject({
    state: "done",
    detail: "It was in the other app",
  });
  await page.waitForSelector(".player[data-control=closed]");
  expect(asked.problems).toEqual([]);
});

test("a person by a link that has ended has control no more; whom it is allowed may take over unasked", async () => {
  await browser.stopStream();
  await browser.startStream({ quality: "ultra_low_latency", allow_control: true });
  const { link_id, player_url } = await browser.createLink({ allow: "control" });
  const viewer = await openViewer(player_url);
  viewers.push(viewer);
  await (await button(viewer.page, "Take over"))?.click();
  await viewer.page.waitForSelector(".player[data-control=yours]");
  const taken = (await browser.getStreamStatus()).status;
  expect(taken?.control).toEqual({ state: "taken", reason: null, by: "A person" });
  const asked = expect(browser.handOff({ reason: "Have a look", timeout: 20 })).rejects.toMatchObject({
    code: "no_active_stream",
  });
  await viewer.page.waitForSelector(".take-over::-p-text(Have a look)");
  await expect(browser.handOff({ reason: "And here" })).rejects.toMatchObject({ code: "hand_off_active" });
  await browser.revokeLink(link_id);
  await until("it is free again", async () => (await browser.getStreamStatus()).status?.control?.state === "open");
  await browser.stopStream();
  await asked;
});
