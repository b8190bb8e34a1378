// Tasks on the stream's own clock, and in the player as a viewer meets them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult, Task } from "../../protocol/results.ts";
import { FlyBrowser, type TaskWithClip } from "../../sdk/index.ts";
import { watch } from "../host/harness/watch.ts";
import { probe } from "./harness/media.ts";
import { until } from "./harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";

/** ms; a part, and the frame in which a change of the page is captured. */
const ONE_PART = 150 + 2 * 33;
/** ms that a picture may be late on a machine whose cores are busy. */
const LATE = 1_500;
/** ms that a busy machine may take for anything here. */
const LONG = 30_000;

/** A task that began as the page turned white. */
interface Flash {
  readonly task: Task;
  /** ms since 1970 at which the page had painted it: on a busy machine well after the task began. */
  readonly painted: number;
}

type Colour = "black" | "grey" | "white";

let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;
const begun: Flash[] = [];
let proof: TaskWithClip<void>;
const before = { rewind: process.env.FLYBROWSER_REWIND_SECONDS, videos: process.env.XDG_VIDEOS_DIR };
let folder: string;

/** Fills the page with a colour; gives ms since 1970 when that was painted. */
function paint(colour: Colour): Promise<number> {
  return browser.page.evaluate(async (colour) => {
    document.body.style.setProperty("background", colour);
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    return Date.now();
  }, colour);
}

/** Waits until the viewer sees a colour: then the media carry it, however slowly they are made. */
function untilSeen(colour: Colour): Promise<unknown> {
  const brightness = () =>
    viewer.page.$eval("video", (video) => {
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context?.drawImage(video, 0, 0, 1, 1);
      return context?.getImageData(0, 0, 1, 1).data[0] ?? Number.NaN;
    });
  const shown = (value: number): Colour => (value > 200 ? "white" : value < 50 ? "black" : "grey");
  return until(`${colour} at the viewer`, async () => shown(await brightness()) === colour, LONG);
}

/** Turns the page white as a task begins, and black again before it ends. */
function flash(name: string, clip = false) {
  return browser.task(name, { clip }, async ({ task_id }) => {
    if (clip) {
      await paint("grey"); // its file begins with the first picture of its time
      await untilSeen("grey");
    }
    const painted = await paint("white");
    begun.push({ task: browser.tasks.find((task) => task.task_id === task_id) as Task, painted });
    await untilSeen("white");
    await paint("black");
    await untilSeen("black"); // or the next flash would join this one
  });
}

beforeAll(async () => {
  process.env.FLYBROWSER_REWIND_SECONDS = "600"; // the first flash is looked for at the end, however late that comes
  folder = mkdtempSync(join(tmpdir(), "flybrowser-tasks-"));
  process.env.XDG_VIDEOS_DIR = folder; // where clips are put
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto("data:text/html,<title>Flashes</title><body style='background:black'>");
  started = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(`${started.player_url}?protocol=ll-hls`);
  await untilPlays(viewer, 30, LONG);
});
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  for (const [name, value] of [
    ["FLYBROWSER_REWIND_SECONDS", before.rewind],
    ["XDG_VIDEOS_DIR", before.videos],
  ] as const) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});

const rows = () =>
  viewer.page.$$eval(".task", (all) =>
    all.map((row) => [row.getAttribute("data-phase"), row.querySelector(".task-name")?.textContent]),
  );
const position = () => viewer.page.$eval("video", (video) => video.currentTime);

test("the list keeps step with the picture, and a task that fails says why", async () => {
  expect(await viewer.page.$(".tasks")).toBeNull();
  await flash("first");
  proof = (await flash("second", true)) as unknown as TaskWithClip<void>;
  const failing = browser.task("third", { clip: true }, async () => {
    await paint("grey");
    await untilSeen("grey");
    await paint("black");
    throw new Error("no such button");
  });
  await expect(failing).rejects.toThrow("no such button");
  const running = browser.beginTask("fourth");
  await until("all four in the list", async () => (await rows()).length === 4, LONG);
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
  await until("the fourth to be done", async () => (await rows())[3]?.[0] === "done", LONG);
});

test("with clip, a task has its file, from its beginning to its end, also where it has failed; viewers aren't told", async () => {
  const { clip, clip_error } = proof;
  expect(clip_error).toBeNull();
  expect((await watch(clip?.file_path ?? "")).flashes).toHaveLength(1);
  const second = browser.tasks.find(({ name }) => name === "second");
  const lasted = Date.parse(second?.ended_at ?? "") - Date.parse(second?.started_at ?? "");
  expect(Math.abs((clip?.duration_seconds ?? 0) * 1000 - lasted)).toBeLessThan(2 * ONE_PART);
  const known = (await browser.getStreamStatus()).status?.tasks.map((task) => task.clip);
  const failed = browser.tasks.find(({ name }) => name === "third")?.clip;
  expect(known).toEqual([undefined, clip, failed, undefined]);
  expect((await probe(failed?.file_path ?? "")).map(({ codec_type }) => codec_type)).toContain("video");
  const told = await (await fetch(new URL("state", started.player_url))).json();
  expect(told.tasks).toHaveLength(4);
  expect(JSON.stringify(told)).not.toContain(folder);
});

test("a click on a task shows its beginning again; from its mark on the line too", async () => {
  const { task: second } = begun[1] as Flash;
  for (const selector of [".task:nth-child(2) button", ".task-mark:nth-child(2)"]) {
    // Nearer to the edge the player takes a viewer for one who wants to be there.
    await until("it to be far enough back", () => Date.now() - Date.parse(second.started_at) > 9_000, LONG);
    await viewer.page.$eval(selector, (button) => (button as HTMLButtonElement).click());
    await until("the viewer to be back there", async () => (await viewer.word()) === "Behind live", LONG);
    // The row runs again at the picture that is shown, what came later hasn't begun.
    const shown = async () => {
      const [, now, third] = await rows();
      return now?.[0] === "running" && third?.[0] === "upcoming";
    };
    await until("the picture of that time", shown, LONG);
    const before = await position();
    await viewer.page.$eval(".jump-to-live", (button) => (button as HTMLButtonElement).click());
    const live = async () => (await viewer.word()) === "Live" && (await position()) > before + 1;
    await until("live again", live, LONG);
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
  expect(flashes).toHaveLength(begun.length);
  const late = begun.map(({ task, painted }, index) => {
    const at = (flashes[index] ?? Number.NaN) * 1000;
    const start = Date.parse(task.started_at) - zero;
    const slowness = painted - Date.parse(task.started_at);
    const differences = [start, events.get(task.name) ?? Number.NaN].map((began) => at - began);
    expect(Math.min(...differences)).toBeGreaterThan(-ONE_PART);
    return Math.max(...differences) - slowness;
  });
  // A busy machine may capture one of them late.
  expect(late.filter((each) => each < ONE_PART).length, late.join(", ")).toBeGreaterThanOrEqual(begun.length - 1);
  expect(Math.max(...late), late.join(", ")).toBeLessThan(ONE_PART + LATE);
  expect([...events.keys()]).toEqual(["first", "second", "third", "fourth"]);
  await until("the player to have ended", async () => (await viewer.word()) === "Ended", LONG);
  expect(await rows()).toHaveLength(4);
});
