// The SDK as a user's program has it: real Puppeteer, real Playwright, its own browser; tasks; nothing left behind (however the
// script ends: test/long/bad-ends.test.ts).
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AgentFunction, FlyBrowser, FlyBrowserError } from "../../sdk/index.ts";
import { mediaPlaylist, untilMore } from "./harness/hls.ts";
import { descendants, stillRunning } from "./harness/leftovers.ts";
import { probe } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(async () => {
  await pages.close();
});

/** The date ranges in a stream's playlist, by the name of their task. */
async function dateranges(hls: string | null): Promise<Map<string, string>> {
  const { text } = await mediaPlaylist(hls ?? "");
  return new Map(
    [...text.matchAll(/^#EXT-X-DATERANGE:(.*X-NAME="([^"]*)".*)$/gm)].map(([, tag = "", name = ""]) => [name, tag]),
  );
}

// Several at once: test/long/several-tabs.test.ts.
test("Puppeteer: pages of any kind, across navigations", async () => {
  const options = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const browser = await puppeteer.launch(options.puppeteer);
  try {
    const [first = await browser.newPage()] = await browser.pages();
    const one = await FlyBrowser.attach(first);
    const started = await one.startStream({ quality: "medium" });
    expect(first.url()).toBe("about:blank");
    expect((await probe(started.hls_url ?? "")).map(({ codec_type }) => codec_type)).toContain("video");
    await one.goto(pages.url("strict-csp.html"));
    await untilMore(started.hls_url ?? "", 1);

    await one.task("in the first page", () => one.goto(pages.url("article.html")));
    await untilMore(started.hls_url ?? "", 1);
    expect((await one.getStreamStatus()).status?.tasks).toMatchObject([{ name: "in the first page", state: "done" }]);

    const own = await browser.createBrowserContext();
    await expect(FlyBrowser.attach(await own.newPage())).rejects.toMatchObject({ code: "page_in_own_context" });
    await own.close();

    expect(await one.getStreamStatus()).toMatchObject({ active: true });
    expect(await one.stopStream()).toMatchObject({ success: true });
    expect(await one.stopStream()).toEqual({ success: false, error: "No active stream" });
  } finally {
    await browser.close();
  }
});

test("Playwright: a page is streamed with its tasks, and the context stays the caller's", async () => {
  const options = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const context = await chromium.launchPersistentContext(options.user_data_dir, options.playwright);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const agent: AgentFunction<typeof page> = (instruction, at) =>
      at
        .locator("h1")
        .innerText()
        .then((h1) => `${instruction}: ${h1}`);
    const browser = await FlyBrowser.attach(page, { agent });
    await browser.goto(pages.url("strict-csp.html"), { waitUntil: "domcontentloaded" });
    const started = await browser.startStream({ quality: "low_bandwidth" });
    const before = Date.now();
    expect(await browser.act("Read the heading")).toBe("Read the heading: Nothing allowed");
    const ranges = await until("the task in the playlist", async () => {
      const found = await dateranges(started.hls_url);
      return found.get("Read the heading")?.includes("END-DATE") ? found : null;
    });
    const began = Date.parse(/START-DATE="([^"]+)"/.exec(ranges.get("Read the heading") ?? "")?.[1] ?? "");
    expect(Math.abs(began - before)).toBeLessThan(150); // ms: within one part; the two clocks are a few ms apart
    const own = await context.browser()?.newContext();
    if (!own) throw new Error("Playwright gives no browser");
    await expect(FlyBrowser.attach(await own.newPage())).rejects.toMatchObject({ code: "page_in_own_context" });
    await browser.close();
    expect(page.isClosed()).toBe(false);
    expect(await page.title()).toBe("Nothing allowed");
  } finally {
    await context.close();
  }
});

describe("a browser of its own", () => {
  let browser: FlyBrowser;
  const aborted: unknown[] = [];
  beforeAll(async () => {
    browser = await FlyBrowser.launch({
      viewport: { width: 640, height: 360 },
      agent: async (instruction, page, { task, note, kind, signal }) => {
        signal.addEventListener("abort", () => aborted.push(signal.reason));
        note("thinking");
        const heading = await task("read the page", () => page.$eval("h1", (h1) => h1.textContent));
        if (instruction === "fail") throw new RangeError("I can't");
        return { kind, heading };
      },
    });
    await browser.goto(pages.url("strict-csp.html"));
  });

  test("tasks without a stream are kept and harmless", async () => {
    expect(await browser.task("early", () => 42)).toBe(42);
    expect(browser.tasks).toMatchObject([{ name: "early", state: "done" }]);
  });

  test("the agent gets the instruction, the page and its task; its result comes back, its error too", async () => {
    const running = browser.beginTask("runs already");
    const started = await browser.startStream({ quality: "low_bandwidth" });
    expect(started).toMatchObject({ width: 640, height: 360 });
    expect(await browser.agent("look")).toEqual({ kind: "agent", heading: "Nothing allowed" });
    await expect(browser.act("fail")).rejects.toThrow(new RangeError("I can't"));
    browser.endTask(running.task_id, { detail: "at last" });
    const { status } = await browser.getStreamStatus();
    const [outer, look, step] = status?.tasks ?? [];
    expect(status?.tasks.map(({ name, state, detail }) => [name, state, detail])).toEqual([
      ["runs already", "done", "at last"],
      ["look", "done", "thinking"],
      ["read the page", "done", null],
      ["fail", "failed", "I can't"],
      ["read the page", "done", null],
    ]);
    expect(outer?.started_at).toBe(running.started_at);
    expect(step?.parent_id).toBe(look?.task_id);
    expect([...(await dateranges(started.hls_url)).keys()]).toContain("runs already");
  });

  test("a start is stopped at any moment, says so, and the next one begins", async () => {
    await browser.stopStream();
    for (const wait of [0, 20, 100, 250, 500]) {
      const outcome = browser.startStream({ quality: "low_bandwidth" }).then(
        () => "started",
        (error: { code: string }) => error.code,
      );
      await sleep(wait);
      await browser.stopStream();
      expect(["started", "start_stopped"]).toContain(await outcome);
      if (wait < 250) expect(await outcome).toBe("start_stopped");
      expect(await browser.getStreamStatus()).toMatchObject({ active: false });
    }
    const started = await browser.startStream({ quality: "low_bandwidth" });
    expect(started.status).toBe("active");
  });

  test("errors are instances with a code, a sentence and what to do", async () => {
    const refused = await browser.startStream({ quality: "best" as never }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FlyBrowserError);
    expect(refused).toMatchObject({ code: "invalid_option", fix: expect.stringMatching(/\.$/) });
    await expect(browser.goto("http://127.0.0.1:1/")).rejects.toMatchObject({ code: "page_not_reachable" });
    await expect(FlyBrowser.launch({ agent: "gpt" as never })).rejects.toMatchObject({ code: "invalid_option" });
    const without = await FlyBrowser.attach(browser.page);
    await expect(without.act("click")).rejects.toMatchObject({ code: "agent_missing" });
  });

  test("`await using` ends it all, and tells the agent", async () => {
    const children = descendants(process.pid).map(({ pid }) => pid);
    expect(children.length).toBeGreaterThan(0);
    {
      await using using = browser;
      expect(await using.getStreamStatus()).toMatchObject({ active: true });
    }
    await until("all processes to end", () => stillRunning(children).length === 0);
    expect(aborted[0]).toMatchObject({ name: "FlyBrowserError", code: "stream_ended" });
    expect(await browser.getStreamStatus()).toMatchObject({ active: false });
  });
});
