// What Chrome draws outside of the page, told to viewers: dialogs and file choosers as details of tasks. Whoever drives the page answers
// them as ever. By Playwright, and what is drawn: test/long/unseen.test.ts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dialog } from "puppeteer-core";
import { expect, onTestFinished, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { Cleanup, temporaryFolder } from "../fixtures/rtmp/processes.ts";
import { until } from "./harness/until.ts";

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
