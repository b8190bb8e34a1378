// What Chrome draws outside of the page, told to viewers: dialogs and file choosers as details of tasks. Whoever drives the page answers
// them as ever; while one is open it is in the picture. By Playwright, and what the page draws: test/long/unseen.test.ts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dialog } from "puppeteer-core";
import { expect, onTestFinished, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { Cleanup, temporaryFolder } from "../fixtures/rtmp/processes.ts";
import { ffmpeg } from "./harness/media.ts";
import { servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";
import { WhepViewer } from "./harness/whep-viewer.ts";

test("Puppeteer: dialogs that the program answers, a choice of files; nothing of it in private time", async () => {
  const cleanup = new Cleanup();
  onTestFinished(() => cleanup.run());
  const file = join(await temporaryFolder(cleanup), "report.txt");
  writeFileSync(file, "x");
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 }, show_actions: true });
  onTestFinished(() => browser.close());
  const { page } = browser;
  await page.setContent("<input type=file id=file>");
  const picture = async () => Buffer.from(await page.screenshot()).toString("base64");
  await browser.startStream({ quality: "low_bandwidth" });
  const plain = await picture();
  const detail = () => browser.tasks.at(-1)?.detail;
  const answer = (how: (dialog: Dialog) => Promise<void>) => page.once("dialog", (dialog) => void how(dialog));

  await browser.task("Clean up", async () => {
    answer(async (dialog) => {
      await until("it is told while it is open", () => detail() === "Dialog: Delete all?");
      await dialog.accept();
    });
    expect(await page.evaluate(() => confirm("Delete all?"))).toBe(true);
    await until("it is told what became of it", () => detail() === "Dialog: Delete all? – accepted");
    await until("the notice in the picture", async () => (await picture()) !== plain);
    const [chooser] = await Promise.all([page.waitForFileChooser(), page.click("#file")]);
    await chooser.accept([file]);
    await until("the file is told", () => detail() === "Choice of files – report.txt");
  });

  answer((dialog) => dialog.dismiss());
  expect(await page.evaluate(() => prompt("Your name?"))).toBe(null);
  await until("a task of its own", () => browser.tasks.at(-1)?.state === "done" && detail() === "dismissed");
  expect(browser.tasks.at(-1)).toMatchObject({ name: "Dialog: Your name?", parent_id: null });

  const count = browser.tasks.length;
  await browser.private(async () => {
    answer((dialog) => dialog.accept());
    await page.evaluate(() => alert("a secret"));
  });
  expect(browser.tasks.length).toBe(count);

  expect(await page.$$(">>> div")).toEqual([]);
  await browser.stopStream();
});

/** Of each picture of a source whether it is white where an open dialog of this length stands, beside what the page draws afterwards. */
async function whites(source: string, input: readonly string[] = []): Promise<boolean[]> {
  const filter = "crop=iw/16:ih/20:iw/8:ih/16,scale=1:1:flags=area,format=gray";
  const output = ["-an", "-vf", filter, "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
  const { stdout } = await ffmpeg(["-v", "error", ...input, "-i", source, ...output], 60_000);
  return [...stdout].map((grey) => grey > 120);
}

/** Of the one video of a page, the same, now. */
const whiteInPage = () => {
  const video = document.querySelector("video");
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  if (!video?.videoWidth || !canvas) return null;
  const { videoWidth: width, videoHeight: height } = video;
  canvas.drawImage(video, width / 8, height / 16, width / 16, height / 20, 0, 0, 1, 1);
  return (canvas.getImageData(0, 0, 1, 1).data[1] ?? 0) > 120;
};

test("a dialog is in the picture while it is open, for HLS, WebRTC and the recording, and gone when it is closed; none of private time", async () => {
  const cleanup = new Cleanup();
  onTestFinished(() => cleanup.run());
  const path = join(await temporaryFolder(cleanup), "dialog.mp4");
  const pages = await servePages();
  onTestFinished(() => pages.close());
  const viewer = await WhepViewer.open(pages.url("static.html"));
  onTestFinished(() => viewer.close());
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 }, show_actions: true });
  onTestFinished(() => browser.close());
  const { page } = browser;
  const dark = "data:text/html,<body style='background:%23000080'>";
  await page.goto(dark);
  const { hls_url, whep_url } = await browser.startStream({ quality: "medium", renditions: "source" });
  await browser.startRecording({ path });
  await viewer.connect(whep_url ?? "");
  const seen = () => viewer.page.evaluate(whiteInPage);
  await until("the page by WebRTC", async () => (await seen()) === false);

  page.once("dialog", async (dialog) => {
    await until("the dialog by WebRTC", seen).catch(() => {}); // told below
    await sleep(1_000); // open for long enough to be in many pictures
    await dialog.accept();
  });
  await page.evaluate(() => confirm("Delete all of the documents of this folder? Others may still need them."));
  await until("nothing of it any more", async () => (await seen()) === false);
  await browser.private(async () => {
    page.once("dialog", async (dialog) => {
      await sleep(700); // time in which it would be shown
      await dialog.accept();
    });
    await page.evaluate(() => alert("A secret that is as long as the other one was, to be seen if it were shown."));
  });
  await sleep(500); // of the page alone, to see that nothing of it is left
  await browser.stopRecording();
  await browser.stopStream();

  const track = new URL("video.m3u8", hls_url ?? "").href;
  for (const white of [await whites(path), await whites(track, ["-live_start_index", "0"])]) {
    const story = white.map(Number).join("");
    const [first, last] = [white.indexOf(true), white.lastIndexOf(true)];
    expect(first, story).toBeGreaterThan(0);
    expect(last - first, story).toBeGreaterThan(4);
    expect(white.slice(first, last + 1), story).not.toContain(false);
    expect(white.length - last, story).toBeGreaterThan(4);
  }
});
