// By which way input of a person who has taken over goes: by a data channel of the connection that shows the video, else by the socket; and
// that nothing is lost, done twice or out of order where the channel ends in the middle of it.
import type { CDPSession } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { descendants } from "../e2e/harness/leftovers.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, type Viewer } from "../e2e/harness/viewer.ts";

/** Of the page and of the player. */
const PAGE = { width: 640, height: 360 };
const CONTENT = `<title>Ways</title><body style="margin:0;height:100vh"><input id=text style="position:absolute;left:20px;top:20px"><script>
  globalThis.events = [];
  for (const type of ["mousedown", "mousemove", "mouseup"])
    addEventListener(type, ({ clientX, clientY, buttons }) => events.push({ type, x: clientX, y: clientY, buttons }));
</script>`;

interface Seen {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly buttons: number;
}

let browser: FlyBrowser;
let viewer: Viewer;
let session: CDPSession;
/** What the player has sent by its socket, by type. */
const bySocket: string[] = [];

beforeAll(async () => {
  browser = await FlyBrowser.launch({ viewport: PAGE });
  await browser.page.setContent(CONTENT);
  await browser.startStream({ quality: "ultra_low_latency", allow_control: true });
  viewer = await openViewer((await browser.createLink({ allow: "control", name: "Ada" })).player_url);
  session = await viewer.page.createCDPSession();
  await session.send("Network.enable");
  session.on("Network.webSocketFrameSent", ({ response }) => {
    bySocket.push((JSON.parse(response.payloadData) as { type: string }).type);
  });
  await (await viewer.page.waitForSelector(".take-over button::-p-text(Take over)"))?.click();
  await viewer.page.waitForSelector(".player[data-control=yours][data-protocol=webrtc]");
  await until("the picture", async () => (await viewer.frames()) > 0);
}, 60_000);
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
});

/** How many inputs went by the socket. */
async function inputs(): Promise<number> {
  await session.send("Runtime.evaluate", { expression: "0" }); // what was sent before is told before the answer
  return bySocket.filter((type) => type === "input").length;
}
const seen = () => browser.page.evaluate(() => (globalThis as unknown as { events: Seen[] }).events);
const value = () => browser.page.$eval("#text", (input) => (input as HTMLInputElement).value);

/** Where a point of the page is on the viewer's screen. */
async function onScreen(x: number, y: number): Promise<readonly [number, number]> {
  const box = await viewer.page.$eval("video", (video) => {
    const { left, top, width, height } = video.getBoundingClientRect();
    return { left, top, width, height };
  });
  const scale = Math.min(box.width / PAGE.width, box.height / PAGE.height);
  const [left, top] = [(box.width - PAGE.width * scale) / 2, (box.height - PAGE.height * scale) / 2];
  return [box.left + left + x * scale, box.top + top + y * scale];
}

const move = async (x: number, y: number) => viewer.page.mouse.move(...(await onScreen(x, y)));

/** Moves until nothing of it goes by the socket any more. */
async function untilByChannel(): Promise<void> {
  await viewer.page.waitForSelector(".player[data-protocol=webrtc]");
  await until("input by the channel", async () => {
    const [before, came] = [await inputs(), (await seen()).length];
    for (let step = 0; step < 5; step++) await move(100 + step, 300 + (came % 7));
    return (await seen()).length > came && (await inputs()) === before;
  });
}

/** SIGKILL ends the relay as a crash would; by SIGSTOP it stands still. */
function signalRelay(signal: "SIGKILL" | "SIGSTOP"): void {
  const host = hostOf(browser.page.browser().process()?.pid ?? 0)?.pid ?? 0;
  const relay = descendants(host).find(({ command }) => command.includes("--relay-webrtc"));
  if (!relay) throw new Error("there is no relay");
  process.kill(relay.pid, signal);
}

test("with WebRTC input goes by the data channel; what is typed while the relay dies comes once and in order", async () => {
  await untilByChannel();
  await viewer.page.mouse.click(...(await onScreen(60, 30)));
  const text = "abcdefghijklmnopqrstuvwxyz0123456789";
  const before = await inputs();
  for (const [index, key] of [...text].entries()) {
    if (index === 12) signalRelay("SIGKILL");
    await viewer.page.keyboard.press(key as "a", { delay: 5 });
  }
  await until("all that was typed", async () => (await value()).length >= text.length);
  expect(await value()).toBe(text);
  expect(await inputs()).toBeGreaterThan(before); // what came after it went by the socket
});

test("the channel ends in the middle of a drag: it goes on by the socket, and is released where the person does", async () => {
  await untilByChannel();
  await move(100, 100);
  const [started, sent] = [(await seen()).length, await inputs()];
  await viewer.page.mouse.down();
  for (let x = 110; x <= 500; x += 10) {
    if (x === 300) signalRelay("SIGKILL");
    await move(x, 100 + (x - 100) / 4);
  }
  await viewer.page.mouse.up();
  const drag = await until("the release", async () => {
    const since = (await seen()).slice(started);
    return since.some(({ type }) => type === "mouseup") && since;
  });
  expect(await inputs()).toBeGreaterThan(sent);
  const from = drag.findIndex(({ type }) => type === "mousedown");
  const to = drag.findIndex(({ type }) => type === "mouseup");
  expect(drag.filter(({ type }) => type !== "mousemove").map(({ type }) => type)).toEqual(["mousedown", "mouseup"]);
  const between = drag.slice(from + 1, to);
  expect(between.every(({ buttons }) => buttons === 1)).toBe(true);
  expect(between.map(({ x }) => x)).toEqual(between.map(({ x }) => x).toSorted((a, b) => a - b));
  expect(between.some(({ x }) => x > 310)).toBe(true);
  expect(Math.hypot((drag[to]?.x ?? 0) - 500, (drag[to]?.y ?? 0) - 200)).toBeLessThan(3);
});

test("the relay stands still: what went into it comes by the socket, once", async () => {
  await untilByChannel();
  await viewer.page.mouse.click(...(await onScreen(60, 30)), { count: 3 });
  const text = "still the same, in order";
  const before = await inputs();
  for (const [index, key] of [...text].entries()) {
    if (index === 8) signalRelay("SIGSTOP");
    await viewer.page.keyboard.press(key as "a");
  }
  await until("all that was typed", async () => (await value()) === text);
  expect(await inputs()).toBeGreaterThan(before);
  signalRelay("SIGKILL");
});

test("without WebRTC it goes by the socket", async () => {
  await viewer.page.$eval("button[aria-label^=Details]", (button) => (button as HTMLElement).click());
  await viewer.page.select(".details .field select", "live");
  await viewer.page.waitForSelector(".player[data-protocol=live]");
  const [sent, came] = [await inputs(), (await seen()).length];
  await move(200, 200);
  await move(220, 210);
  await until("the moves", async () => (await seen()).length > came);
  expect(await inputs()).toBeGreaterThan(sent);
});
