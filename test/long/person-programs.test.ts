// Programs and a person's own browser: what the switch in the options page lets a script do there, and what a click decides.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { expect, onTestFinished, test } from "vitest";
import { listControlFiles } from "../../protocol/node/control-files.ts";
import { EXTENSION_ID } from "../../protocol/version.ts";
import { servePages } from "../e2e/harness/pages.ts";
import { openPerson } from "../e2e/harness/person.ts";
import { run } from "../e2e/harness/run.ts";
import { until } from "../e2e/harness/until.ts";

const ROOT = join(import.meta.dirname, "../..");
const OPTIONS = `chrome-extension://${EXTENSION_ID}/extension/options/index.html`;

test("with its user's consent a script finds this browser's host; what it may start, the user's click decides", async () => {
  const state = mkdtempSync(join(tmpdir(), "person-state-"));
  const recordings = join(state, "recordings");
  const pages = await servePages();
  const person = await openPerson({
    host: { FLYBROWSER_STATE_DIR: state, FLYBROWSER_RECORDINGS_DIR: recordings, HOME: state },
  });
  onTestFinished(async () => {
    await person.close();
    await pages.close();
    rmSync(state, { recursive: true, force: true });
  });
  const { browser, page, openPopup } = person;
  await page.goto(pages.url("pattern.html"));
  const script = () =>
    run("python3", [join(ROOT, "examples/control_api.py"), "pattern.html"], {
      env: { FLYBROWSER_STATE_DIR: state, SECONDS_LIVE: "2" },
    });
  expect((await script()).stderr).toContain("No FlyBrowser Stream host is running");

  const other = await browser.newPage(); // a click in the tab itself would be the user's word for it
  const popup = await openPopup(other);
  const opened = browser.waitForTarget((target) => target.url() === OPTIONS);
  await (await popup.waitForSelector(".settings"))?.click();
  const options = (await (await opened).page()) as Page;
  await (await options.waitForSelector("#programs:not(:checked)"))?.click();
  await options.waitForSelector("#programs:checked");
  await options.close();
  await page.bringToFront();
  await until("a host runs", () => listControlFiles(state).length === 1);
  const refused = await script();
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/only after a click on the FlyBrowser/)]);
  expect(refused.stdout.toString()).toContain(page.url());

  await (await openPopup()).close();
  const done = await script();
  expect([done.status, done.stderr]).toEqual([0, ""]);
  expect(done.stdout.toString()).toMatch(/Status: active, healthy.*\nRecorded: [1-9].*\n.*\nStopped: stream_/);
});
