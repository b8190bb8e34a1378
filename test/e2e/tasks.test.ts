// Tasks on the stream's own clock, and in the player as a viewer meets them.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult, Task } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { watch } from "../host/harness/watch.ts";
import { until } from "./harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";

/** ms; a part, and the frame in which a change of the page is painted and captured. */
const ONE_PART = 150 + 2 * 33;

let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;
const begun: Task[] = [];

/** Turns the page white as a task begins, and black again before it ends. */
function flash(name: string, ms: number): Promise<void> {
  return browser.task(name, async ({ task_id }) => {
    await browser.page.evaluate(() => document.body.style.setProperty("background", "white"));
    begun.push(browser.tasks.find((task) => task.task_id === task_id) as Task);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await browser.page.evaluate(() => document.body.style.setProperty("background", "black"));
    await new Promise((resolve) => setTimeout(resolve, 500)); // or the next flash would join this one
  });
}

beforeAll(async () => {
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto("data:text/html,<title>Flashes</title><body style='background:black'>");
  started = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(`${started.player_url}?way=ll-hls`);
  await untilPlays(viewer);
});
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
});

const rows = () =>
  viewer.page.$$eval(".task", (all) =>
    all.map((row) => [row.getAttribute("data-phase"), row.querySelector(".task-name")?.textContent]),
  );
const position = () => viewer.page.$eval("video", (video) => video.currentTime);

test("the list keeps step with the picture, and a task that fails says why", async () => {
  expect(await viewer.page.$(".tasks")).toBeNull();
  for (const name of ["first", "second"]) await flash(name, 1_500); // a machine that stands still misses shorter ones
  await browser.task("third", () => Promise.reject(new Error("no such button"))).catch(() => {});
  const running = browser.beginTask("fourth");
  await until("all four in the list", async () => (await rows()).length === 4);
  expect(await rows()).toEqual([
    ["done", "first"],
    ["done", "second"],
    ["failed", "third"],
    ["running", "fourth"],
  ]);
  expect(await viewer.page.$eval('.task[data-phase="failed"] .task-detail', (detail) => detail.textContent)).toBe(
    "no such button",
  );
  browser.endTask(running.task_id);
  await until("the fourth to be done", async () => (await rows())[3]?.[0] === "done");
});

test("a click on a task shows its beginning again; from its mark on the line too", async () => {
  const second = begun[1] as Task;
  for (const selector of [".task:nth-child(2) button", ".task-mark:nth-child(2)"]) {
    // Nearer to the edge the player takes a viewer for one who wants to be there.
    await until("it to be far enough back", () => Date.now() - Date.parse(second.started_at) > 9_000, 15_000);
    await viewer.page.$eval(selector, (button) => (button as HTMLButtonElement).click());
    await until("the viewer to be back there", async () => (await viewer.word()) === "Rewound");
    // The row runs again at the picture that is shown, what came later hasn't begun.
    await until("the picture of that time", async () => {
      const [, now, third] = await rows();
      return now?.[0] === "running" && third?.[0] === "later";
    });
    const before = await position();
    await viewer.page.$eval(".back-to-live", (button) => (button as HTMLButtonElement).click());
    await until("live again", async () => (await viewer.word()) === "Live" && (await position()) > before + 1);
  }
  expect(second.name).toBe("second");
  expect(viewer.problems).toEqual([]);
});

/** What an MPD says of the tasks: their names, and when they began, ms on the stream's clock. */
async function eventsOf(dash_url: string): Promise<Map<string, number>> {
  const mpd = await (await fetch(dash_url)).text();
  const period = Number(/<Period [^>]*start="PT([\d.]+)S"/.exec(mpd)?.[1]) * 1000;
  const [, offset] = /<EventStream [^>]*timescale="1000" presentationTimeOffset="([\d.]+)"/.exec(mpd) ?? [];
  const events = mpd.matchAll(/<Event [^>]*presentationTime="(\d+)"[^>]*>([^<]*)</g);
  return new Map(
    [...events].map(([, at, message = ""]) => {
      const { name } = JSON.parse(message.replaceAll("&quot;", '"')) as { name: string };
      return [name, period + Number(at) - Number(offset)];
    }),
  );
}

test("where the picture changed, the task began: within one part, in HLS and DASH", async () => {
  const events = await eventsOf(started.dash_url ?? "");
  const stopped = await browser.stopStream();
  if (!stopped.success) throw new Error(stopped.error);
  const zero = Date.parse(stopped.info.started_at);
  const { flashes } = await watch(started.hls_url ?? "", ["-live_start_index", "0"]);
  const offsets = begun.map(
    ({ started_at }, index) => (flashes[index] ?? Number.NaN) * 1000 - (Date.parse(started_at) - zero),
  );
  expect(flashes).toHaveLength(begun.length);
  for (const offset of offsets) {
    expect(offset).toBeGreaterThan(-ONE_PART);
    expect(offset).toBeLessThan(ONE_PART);
  }
  expect([...events.keys()]).toEqual(["first", "second", "third", "fourth"]);
  for (const [index, { name }] of begun.entries())
    expect(Math.abs((events.get(name) ?? Number.NaN) - (flashes[index] ?? 0) * 1000)).toBeLessThan(ONE_PART);
  await until("the player to have ended", async () => (await viewer.word()) === "Ended");
  expect(await rows()).toHaveLength(4);
});
