// Examples that aren't run in test/e2e/examples.test.ts: an agent that fails, and Python by the control API.
import { afterAll, beforeAll, expect, test } from "vitest";
import { safeStream } from "../../examples/safe-stream.ts";
import { scriptedAgent } from "../../examples/scripted-agent.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { controlsFromOutside } from "../e2e/harness/control-example.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 }, agent: scriptedAgent });
});
afterAll(async () => {
  await browser.close();
  await pages.close();
});

const noStream = async () => expect(await browser.getStreamStatus()).toMatchObject({ active: false });

test("safe-stream: the stream is stopped where the agent fails, and the error goes on", async () => {
  await expect(safeStream(browser, "read .nothing")).rejects.toThrow(/Timed out/);
  await noStream();
  const task = `open ${pages.url("form.html")}; click static; read h1`;
  expect(await safeStream(browser, task)).toBe("Nothing moves here");
});

test("control_api.py: from another language, by the control API alone", async () => {
  await controlsFromOutside(browser, pages, "python3", "examples/control_api.py");
  await noStream();
});
