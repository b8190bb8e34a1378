// Browsers that run already: by pipe and by port, with Puppeteer and Playwright, with an extension that their user has installed, with a
// profile of the user's own, and by the MCP server.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { findBrowser } from "../../sdk/find-browser.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { probe } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { openPerson } from "../e2e/harness/person.ts";
import { until } from "../e2e/harness/until.ts";
import { freePort } from "../fixtures/rtmp/processes.ts";

const SANDBOX = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const executablePath = findBrowser(undefined);
let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages.close());

function temporary(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

const media = async (hls_url: string | null) => (await probe(hls_url ?? "")).map(({ codec_type }) => codec_type).sort();

test.each([true, false])(
  "Puppeteer, by pipe: %s: two pages, one behind the other; the last one to close takes the extension along",
  async (pipe) => {
    const browser = await puppeteer.launch({
      ...{ executablePath, pipe, enableExtensions: true },
      ...{ args: SANDBOX, ignoreDefaultArgs: ["--mute-audio"] },
    });
    try {
      const [first = await browser.newPage()] = await browser.pages();
      await first.goto(pages.url("pattern.html"));
      const second = await browser.newPage();
      const [one, two] = await Promise.all([FlyBrowser.attach(first), FlyBrowser.attach(second)]);
      const started = await one.startStream({ quality: "low_bandwidth" });
      expect(await media(started.hls_url)).toEqual(["audio", "video"]);
      await two.startRecording({ path: join(temporary("flybrowser-rec-"), "seen.mp4") });
      await one.close();
      expect((await two.stopRecording()).size_bytes).toBeGreaterThan(1000);
      expect((await browser.extensions()).size).toBe(1);
      await two.close();
      expect((await browser.extensions()).size).toBe(0);
    } finally {
      await browser.close();
    }
  },
);

test("options of launchOptions with a profile of the user's own: its host is registered there, and not left", async () => {
  const profile = temporary("flybrowser own profile-");
  const manifest = join(profile, "NativeMessagingHosts/com.flybrowser.stream.json");
  const { playwright } = await FlyBrowser.launchOptions();
  const context = await chromium.launchPersistentContext(profile, playwright);
  try {
    const [page = await context.newPage()] = context.pages();
    const live = await FlyBrowser.attach(page);
    expect(existsSync(manifest)).toBe(true);
    expect(await media((await live.startStream({ quality: "low_bandwidth" })).hls_url)).toContain("video");
    await live.close();
    expect(existsSync(manifest)).toBe(false);
  } finally {
    await context.close();
  }
});

test("an extension that its user has installed: once programs may connect, its tabs are known, and the button is clicked", async () => {
  const state = temporary("flybrowser-state-");
  vi.stubEnv("FLYBROWSER_STATE_DIR", state);
  onTestFinished(() => void vi.unstubAllEnvs());
  const person = await openPerson({ host: { FLYBROWSER_STATE_DIR: state } });
  try {
    await person.page.goto(pages.url("pattern.html"));
    await expect(FlyBrowser.attach(person.page)).rejects.toMatchObject({
      code: "browser_not_attachable",
      fix: expect.stringContaining("Programs on this computer"),
    });
    const options = await person.browser.newPage();
    await options.goto(await person.inExtension<string>('chrome.runtime.getURL("extension/options/index.html")'));
    await (await options.waitForSelector("#programs:not(:checked)"))?.click();
    await options.waitForSelector("#programs:checked");
    const live = await FlyBrowser.attach(person.page);
    expect(await media((await live.startStream({ quality: "low_bandwidth" })).hls_url)).toContain("video");
    expect((await person.browser.pages()).some((page) => page.url().includes("/popup/"))).toBe(false);
    await live.close();
    expect((await person.browser.extensions()).size).toBe(1);
  } finally {
    await person.close();
  }
});

test("the MCP server streams what another program drives, by a flag and by a tool", async () => {
  const profile = temporary("flybrowser-driven-");
  const port = await freePort();
  const cdp_url = `http://127.0.0.1:${port}`;
  const transport = new StdioClientTransport({
    ...{ command: process.execPath, args: ["dist/cli/flybrowser.js", "mcp", "--cdp-endpoint", cdp_url] },
    ...{ env: { ...process.env } as Record<string, string>, stderr: "pipe" },
  });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  type Answer = { isError?: boolean; structuredContent: Record<string, unknown> };
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args }, { timeout: 60_000 })) as Answer;
  expect(await call("list_tabs")).toMatchObject({
    isError: true,
    structuredContent: { code: "browser_not_attachable" },
  });

  const context = await chromium.launchPersistentContext(profile, {
    ...{ executablePath, args: [`--remote-debugging-port=${port}`, ...SANDBOX] },
    ignoreDefaultArgs: ["--disable-extensions", "--mute-audio"],
  });
  onTestFinished(() => context.close());
  const [page = await context.newPage()] = context.pages();
  await page.goto(pages.url("pattern.html"));
  type Tab = { tab_id: number; host: number; url: string };
  const found = await until("the tab is listed", async () => {
    const { structuredContent } = await call("attach_browser", { cdp_url });
    return (structuredContent.tabs as Tab[]).find(({ url }) => url === page.url());
  });
  const { tab_id, host } = found;
  expect((await call("list_tabs")).structuredContent.tabs).toContainEqual(expect.objectContaining({ tab_id, host }));
  const { structuredContent: started } = await call("start_stream", { tab_id, host, quality: "low_bandwidth" });
  expect(await media(started.hls_url as string)).toEqual(["audio", "video"]);
  expect(await call("stop_stream", { stream_id: started.stream_id })).toMatchObject({
    structuredContent: { success: true },
  });
  await client.close();
  expect(page.isClosed()).toBe(false);
  expect(existsSync(join(profile, "NativeMessagingHosts/com.flybrowser.stream.json"))).toBe(false);
});

test("with follow it goes along to a tab that opens, and back, also where that has gone to another site meanwhile", async () => {
  const context = await chromium.launchPersistentContext(temporary("flybrowser-driven-"), {
    ...{ executablePath, args: SANDBOX },
    ignoreDefaultArgs: ["--disable-extensions", "--mute-audio"],
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(pages.url("pattern.html"));
  const live = await FlyBrowser.attach(page);
  const { player_url } = await live.startStream({ quality: "low_bandwidth", follow: "active" });
  const shown = async () => {
    const { place = "here", tab_title } = await (await fetch(new URL("state", player_url))).json();
    return `${place}: ${tab_title}`;
  };
  const titled = (title: string) => `data:text/html,<title>${title}</title><body>${title}`;
  const [child] = await Promise.all([
    context.waitForEvent("page"),
    page.evaluate((url) => void open(url), pages.url("article.html")),
  ]);
  const title = await child.title();
  await until("the new tab", async () => (await shown()) === `here: ${title}`);
  await page.bringToFront();
  await until("the first one", async () => (await shown()).startsWith("here: ") && !(await shown()).includes(title));
  await child.goto(titled("elsewhere")); // another site
  await child.bringToFront();
  await until("the new tab again", async () => (await shown()) === "here: elsewhere");
  await child.goto(titled("farther")); // in front
  await page.goto(titled("first")); // behind it
  await page.bringToFront();
  await until("the first one again", async () => (await shown()) === "here: first");
  await child.bringToFront();
  await until("the new tab once more", async () => (await shown()) === "here: farther");
  expect((await live.getStreamStatus()).status?.health_reasons.join()).not.toContain("launchOptions");
  await live.close();
});
