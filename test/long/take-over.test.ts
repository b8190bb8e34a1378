// Taking over at length: a page of Playwright with two device pixels a CSS pixel, seen on a screen with one and a half; keyboards of other
// countries; along with a stream that follows; and a host that dies in the middle of it.
import { type BrowserContext, chromium, type Page } from "playwright-core";
import type { Page as ViewerPage } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { runningHosts } from "../../sdk/page-host.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, type Viewer } from "../e2e/harness/viewer.ts";

/** Of the page, CSS px. */
const PAGE = { width: 640, height: 360 };
const CONTENT = (title: string) => `<title>${title}</title><body style="margin:0;height:100vh"><input id=text autofocus
  style="position:absolute;left:20px;top:20px"><script>
  globalThis.presses = [];
  addEventListener("mousedown", ({ clientX, clientY }) => presses.push([clientX, clientY]));
  </script>`;

let context: BrowserContext;
let page: Page;
let browser: FlyBrowser<Page>;
let viewer: Viewer;
let player_url: string;

beforeAll(async () => {
  const { user_data_dir, playwright } = await FlyBrowser.launchOptions({ viewport: PAGE });
  const options = { ...playwright, viewport: PAGE, deviceScaleFactor: 2 };
  context = await chromium.launchPersistentContext(user_data_dir, options);
  page = context.pages()[0] ?? (await context.newPage());
  await page.setContent(CONTENT("first"));
  browser = await FlyBrowser.attach(page);
  await browser.startStream({ quality: "medium", follow: "active", allow_control: true });
  ({ player_url } = await browser.createLink({ allow: "control", name: "Ada" }));
  viewer = await openViewer(player_url);
  await viewer.page.setViewport({ width: 700, height: 500, deviceScaleFactor: 1.5 });
  await takeOver();
}, 60_000);
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await context?.close();
});

async function takeOver(): Promise<void> {
  await (await viewer.page.waitForSelector(".take-over button::-p-text(Take over)"))?.click();
  await viewer.page.waitForSelector(".player[data-control=yours]");
  await viewer.page.waitForSelector(".player[data-protocol=webrtc]");
  await viewer.page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0);
}

/** Clicks a point of the page, given in its CSS px, where it is on the viewer's screen. */
async function click(x: number, y: number): Promise<void> {
  const box = await viewer.page.$eval("video", (video) => {
    const { left, top, width, height } = video.getBoundingClientRect();
    return { left, top, width, height };
  });
  const scale = Math.min(box.width / PAGE.width, box.height / PAGE.height);
  const left = box.left + (box.width - PAGE.width * scale) / 2;
  const top = box.top + (box.height - PAGE.height * scale) / 2;
  await viewer.page.mouse.click(left + x * scale, top + y * scale);
}

const presses = (of: Page) => of.evaluate(() => (globalThis as unknown as { presses: [number, number][] }).presses);
/** Presses a point, and waits until that has come to where it was made, to a pixel or two; others may be on their way. */
async function pressed(of: Page, x: number, y: number): Promise<void> {
  const before = (await presses(of)).length;
  await click(x, y);
  const near = async () => {
    const since = (await presses(of)).slice(before);
    if (since.some(([at_x, at_y]) => Math.hypot(at_x - x, at_y - y) < 3)) return true;
    throw new Error(`pressed at ${x}, ${y}; came: ${JSON.stringify(since)}`);
  };
  await until("the press where it was made", near);
}

test("the screen has 1.5 device pixels a pixel, the page 2: a press arrives where it was made", async () => {
  expect(await viewer.page.evaluate(() => devicePixelRatio)).toBe(1.5);
  expect(await page.evaluate(() => devicePixelRatio)).toBe(2);
  for (const [x, y] of [
    [5, 100],
    [320, 180],
    [630, 350],
  ] as const)
    await pressed(page, x, y);
});

/** A key as a keyboard of another country gives it to the player's browser. */
async function key(of: ViewerPage, key: string, code: string, key_code: number, modifiers = 0): Promise<void> {
  const session = await of.createCDPSession();
  const common = { key, code, windowsVirtualKeyCode: key_code, modifiers };
  await session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...common });
  await session.send("Input.dispatchKeyEvent", { type: "keyUp", ...common });
  await session.detach();
}

test("other keyboards: what stands on the key is entered, and the page sees which key it was", async () => {
  await click(60, 30);
  await page.evaluate(() => {
    const keys: string[] = [];
    Object.assign(globalThis, { keys });
    addEventListener("keydown", ({ key, code }) => keys.push(`${key} ${code}`));
  });
  await key(viewer.page, "z", "KeyY", 90); // German
  await key(viewer.page, "ö", "Semicolon", 192);
  await key(viewer.page, "€", "KeyE", 69, 1 | 2); // by AltGr on Windows
  await key(viewer.page, "@", "KeyL", 76, 1); // by Option on a Mac
  await key(viewer.page, "ф", "KeyA", 65); // Russian
  await key(viewer.page, "é", "Digit2", 50); // French
  await key(viewer.page, "Q", "KeyA", 81, 8);
  const value = () => page.$eval("#text", (input) => (input as HTMLInputElement).value);
  await expect.poll(value, { timeout: 10_000 }).toBe("zö€@фéQ");
  expect(await page.evaluate(() => (globalThis as unknown as { keys: string[] }).keys)).toEqual([
    ...["z KeyY", "ö Semicolon", "€ KeyE", "@ KeyL", "ф KeyA", "é Digit2", "Q KeyA"],
  ]);
});

test("the stream goes along to another tab: so does the hand, and back", async () => {
  const other = await context.newPage();
  await other.setContent(CONTENT("second"));
  const shown = async () => (await (await fetch(new URL("state", player_url))).json()).tab_title;
  await until("the second tab", async () => (await shown()) === "second");
  const before = (await presses(page)).length;
  await until("a press in it", async () => {
    await click(100, 200);
    return (await presses(other)).length > 0;
  });
  await pressed(other, 500, 300);
  await page.bringToFront();
  await until("the first tab", async () => (await shown()) === "first");
  const there = (await presses(other)).length;
  await until("a press in it", async () => {
    await click(100, 200);
    return (await presses(page)).length > before;
  });
  await pressed(page, 400, 100);
  expect((await presses(other)).length - there).toBeLessThan(3); // those until it was known
});

test("a host that dies: who waits is told, and the next host lets the person take over again", async () => {
  await (await viewer.page.waitForSelector(".take-over button::-p-text(Done)"))?.click();
  await viewer.page.waitForSelector(".player[data-control=open]");
  const asked = browser.handOff({ reason: "Have a look", timeout: 60 });
  const ended = expect(asked).rejects.toMatchObject({ code: "host_lost" });
  await viewer.page.waitForSelector(".take-over::-p-text(Have a look)");
  await takeOver();
  const tabs = await Promise.all(
    runningHosts().map(async (host) => ({ pid: host.file.pid, tabs: await host.listTabs().catch(() => []) })),
  );
  const host = tabs.find((each) => each.tabs.some(({ title }) => title === "second" || title === "first"));
  expect(host).toBeDefined();
  process.kill(host?.pid ?? 0, "SIGKILL");
  await ended;
  await viewer.page.waitForSelector(".player[data-control=closed]");
  // It was allowed at any time, and is again; a hand-off can be asked for anew.
  await viewer.page.waitForSelector(".player[data-control=open]", { timeout: 20_000 });
  await takeOver();
  const before = (await presses(page)).length;
  await until("a press in it", async () => {
    await click(100, 200);
    if ((await presses(page)).length > before) return true;
    const { control, protocol } = await viewer.page.$eval(".player", (player) => ({
      ...(player as HTMLElement).dataset,
    }));
    const { status } = await browser.getStreamStatus();
    throw new Error(JSON.stringify({ control, protocol, told: status?.control, health: status?.health_reasons }));
  });
  await pressed(page, 200, 120);
  expect(viewer.page.isClosed()).toBe(false);
  await expect(browser.handOff({ reason: "And now", timeout: 1 })).resolves.toMatchObject({ outcome: "timeout" });
});
