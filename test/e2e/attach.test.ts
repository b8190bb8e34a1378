// A browser that runs already, with a port for DevTools, and that another program drives: `flybrowser attach` streams its tab.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBrowser } from "../../sdk/find-browser.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { freePort } from "../fixtures/rtmp/processes.ts";
import { probe } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";

const SANDBOX = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
let pages: Pages;
let folder: string;
let port: number;
let context: BrowserContext;

beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "flybrowser attach-"));
  port = await freePort();
  context = await chromium.launchPersistentContext(folder, {
    executablePath: findBrowser(undefined),
    args: [`--remote-debugging-port=${port}`, ...SANDBOX],
    ignoreDefaultArgs: ["--disable-extensions", "--mute-audio"],
  });
});
afterAll(async () => {
  await context.close();
  await pages.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("the command streams a tab of it, and leaves it as it was", async () => {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(pages.url("pattern.html"));
  await context.newPage(); // in front of it
  const args = ["dist/cli/flybrowser.js", "attach", `http://127.0.0.1:${port}`, "--tab", "pattern.html", "--json"];
  const command = spawn(process.execPath, [...args, "--quality", "low_bandwidth"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const problems: string[] = [];
  command.stderr.on("data", (text) => problems.push(String(text)));
  const ended = new Promise<number | null>((resolve) => command.once("close", resolve));
  const lines = createInterface({ input: command.stdout })[Symbol.asyncIterator]();
  try {
    const first = await lines.next();
    expect(problems).toEqual([]);
    const started = JSON.parse(first.value ?? "") as { hls_url: string };
    expect((await probe(started.hls_url)).map(({ codec_type }) => codec_type).sort()).toEqual(["audio", "video"]);
    await page.goto(pages.url("article.html")); // whoever drives it goes on
  } finally {
    command.kill("SIGINT");
  }
  expect(JSON.parse((await lines.next()).value ?? "")).toMatchObject({ success: true });
  expect(await ended).toBe(0);
  expect(page.url()).toBe(pages.url("article.html"));
  expect(existsSync(join(folder, "NativeMessagingHosts/com.flybrowser.stream.json"))).toBe(false);
  const session = await context.browser()?.newBrowserCDPSession();
  expect(await session?.send("Extensions.getExtensions")).toEqual({ extensions: [] });
});

test("one that loads no extensions is refused at once, with the reason", async () => {
  const browser = await chromium.launch({ executablePath: findBrowser(undefined), args: SANDBOX });
  try {
    const attached = FlyBrowser.attach(await browser.newPage());
    await expect(attached).rejects.toMatchObject({
      code: "browser_not_attachable",
      message: expect.stringContaining("--disable-extensions"),
    });
  } finally {
    await browser.close();
  }
});
