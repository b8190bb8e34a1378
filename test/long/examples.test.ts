// Examples that aren't run in test/e2e/examples.test.ts: an agent that fails, Python by the control API, scripts that were there before.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { safeStream } from "../../examples/safe-stream.ts";
import { scriptedAgent } from "../../examples/scripted-agent.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { controlsFromOutside } from "../e2e/harness/control-example.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { run } from "../e2e/harness/run.ts";

const ROOT = join(import.meta.dirname, "../..");

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

test("existing-playwright, existing-puppeteer: the script as it was, with a link", async () => {
  const outcomes = await Promise.all(
    ["existing-playwright", "existing-puppeteer"].map((name) =>
      run(process.execPath, ["--import", "tsx", `examples/${name}.ts`, pages.url("static.html")], { cwd: ROOT }),
    ),
  );
  for (const { stdout, stderr, status } of outcomes) {
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(stdout.toString()).toMatch(/^Watch: http:\S+\/player\nok: Nothing moves here\n$/);
  }
});
