// The page API in real Chromium: what an honest page can do after the user has said yes, and what a hostile one can't.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EXTENSION_ID } from "../../protocol/version.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type ApiWindow, answer, callApi, noPrompt, OPTIONS, prompt, prompts } from "./harness/pairing.ts";
import { type Site, serveSite } from "./harness/site.ts";
import { until } from "./harness/until.ts";

const MOVING = `<!doctype html><title>Moving</title><body><p id="p"></p><script>
  let n = 0; (function tick() { p.textContent = ++n; document.body.style.background = "hsl(" + n + " 60% 60%)"; requestAnimationFrame(tick); })();
</script>`;

/** Replaces everything within a page's reach, and keeps what it catches. */
const PATCHED = `<!doctype html><title>Patched</title><script>
  window.caught = [];
  const take = (what) => (value) => { (window.caught[window.caught.length] = [what, String(value)]); };
  for (const name of ["postMessage", "start", "close", "addEventListener", "dispatchEvent"]) {
    for (const proto of [MessagePort.prototype, EventTarget.prototype]) {
      const original = proto[name];
      if (!original) continue;
      proto[name] = function (...args) { if (this instanceof MessagePort) window.port = this; return original.apply(this, args); };
    }
  }
  Object.defineProperty(MessageEvent.prototype, "data", { get() { window.port = this.target; return {}; } });
  Object.defineProperty(MessagePort.prototype, "onmessage", { set() { window.port = this; } });
  for (const name of ["id", "method", "params", "ok", "error", "code", "resolve", "reject", "get", "set", "value"]) {
    Object.defineProperty(Object.prototype, name, { configurable: true, get() { return undefined; }, set(value) { (window.caught[window.caught.length] = [name, String(value)]); } });
  }
  Array.prototype[Symbol.iterator] = function* () { (window.caught[window.caught.length] = ["iterator"]); };
  Array.prototype.push = Array.prototype.map = Array.prototype.filter = () => { throw new Error("patched"); };
  Reflect.apply = () => "patched"; Function.prototype.call = Function.prototype.apply = () => "patched";
  Object.freeze = Object.defineProperty = () => "patched"; JSON.stringify = JSON.parse = () => "patched";
  Map.prototype.get = Map.prototype.set = () => "patched";
  window.Error = window.String = function () { return "patched"; };
</script>`;

const PAGES = {
  "/": { html: MOVING },
  "/second": { html: MOVING },
  "/patched": { html: PATCHED },
  "/strict": {
    html: "<!doctype html><title>Strict</title>",
    headers: {
      "content-security-policy": "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    },
  },
  "/sandboxed": {
    html: "<!doctype html><title>Sandboxed</title>",
    headers: { "content-security-policy": "sandbox allow-scripts" },
  },
};

let sites: [Site, Site, Site];
let flybrowser: FlyBrowser;
let browser: Browser;

const folder = mkdtempSync(join(tmpdir(), "pairing-test-"));
const before = {
  XDG_VIDEOS_DIR: process.env.XDG_VIDEOS_DIR,
  FLYBROWSER_RECORDINGS_DIR: process.env.FLYBROWSER_RECORDINGS_DIR,
};

beforeAll(async () => {
  process.env.XDG_VIDEOS_DIR = join(folder, "videos");
  process.env.FLYBROWSER_RECORDINGS_DIR = join(folder, "notes");
  sites = await Promise.all([serveSite(PAGES), serveSite(PAGES), serveSite(PAGES)]);
  flybrowser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  browser = flybrowser.page.browser();
});

afterAll(async () => {
  await flybrowser?.close();
  await Promise.all(sites.map((site) => site.close()));
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});

let opened: Page[] = [];
afterEach(async () => {
  await Promise.all(opened.map((page) => page.close().catch(() => {})));
  opened = [];
  await noPrompt(browser);
});

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  opened.push(page);
  await page.goto(url);
  return page;
}

/** Forgets a site on the options page, as the user would. */
async function revoke(origin: string): Promise<void> {
  const options = await open(OPTIONS);
  const site = `.site[data-origin="${origin}"]`;
  await (await options.waitForSelector(`${site} button`))?.click();
  await options.waitForSelector(site, { hidden: true });
  await options.close();
}

/** Waits until the viewers of a stream are told that it has ended. */
async function ended(player_url: string): Promise<void> {
  await until("the stream has ended", async () => {
    const answer = await fetch(new URL("state", player_url));
    return answer.status === 404 || ((await answer.json()) as { state: string }).state === "stopped";
  });
}

const METHODS = ["startStream", "stopStream", "getStreamStatus", "startRecording", "stopRecording"] as const;

describe("an unpaired site", () => {
  test("gets no further than the prompt", async () => {
    const page = await open(sites[0].url("/"));
    for (const method of METHODS) expect(await callApi(page, method)).toMatchObject({ code: "not_paired" });
    for (const method of ["beginTask", "endTask", "task"]) {
      expect(await callApi(page, method, "a")).toMatchObject({ code: "not_paired" });
    }
    expect(await prompts(browser)).toHaveLength(0);
  });

  test("that asks a hundred times makes one prompt; closing it is no", async () => {
    const page = await open(sites[0].url("/"));
    const codes = page.evaluate(async () => {
      const api = (window as unknown as ApiWindow).flybrowser;
      const calls = Array.from({ length: 100 }, () => api.pair().catch((error: { code: string }) => error.code));
      return Promise.all(calls);
    });
    const window = await prompt(browser);
    expect(await prompts(browser)).toHaveLength(1);
    expect(await window.$eval(".site", (element) => element.textContent)).toBe(sites[0].origin);
    await window.close();
    const outcomes = await codes;
    expect(new Set(outcomes)).toEqual(new Set(["pairing_denied", "rate_limited"]));
    expect(await prompts(browser)).toHaveLength(0);
  });

  test("is asked about at most three times a minute", async () => {
    const site = await serveSite(PAGES);
    const page = await open(site.url("/"));
    for (let round = 0; round < 3; round++) {
      const paired = callApi(page, "pair");
      await (await prompt(browser)).close();
      expect(await paired).toMatchObject({ code: "pairing_denied" });
      await noPrompt(browser);
    }
    expect(await callApi(page, "pair")).toMatchObject({ code: "rate_limited" });
    expect(await prompts(browser)).toHaveLength(0);
    await site.close();
  });

  test("gets no answer that was meant for the page before it", async () => {
    const page = await open(sites[1].url("/"));
    await page.evaluate(() => void (window as unknown as ApiWindow).flybrowser.pair().catch(() => {}));
    await prompt(browser);
    await page.goto(sites[2].url("/"));
    await noPrompt(browser);
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    await page.goto(sites[1].url("/"));
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
  });

  test("that was told never is refused without a prompt, until the user lets it ask again", async () => {
    const page = await open(sites[2].url("/"));
    const first = callApi(page, "pair", { purpose: "a‮b\n\n<b>c</b>" });
    const window = await prompt(browser);
    expect(await window.$eval("blockquote", (element) => element.textContent)).toBe("ab <b>c</b>");
    await window.click("#never");
    expect(await first).toMatchObject({ code: "pairing_denied" });
    expect(await callApi(page, "pair")).toMatchObject({ code: "pairing_denied" });
    expect(await prompts(browser)).toHaveLength(0);
    await revoke(sites[2].origin);
    await page.bringToFront();
    const second = callApi(page, "pair");
    await answer(browser, "once");
    expect(await second).toEqual({ ok: { paired: true, scope: "once" } });
    await revoke(sites[2].origin);
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
  });
});

describe("a hostile page", () => {
  test("finds nothing to replace, and none of what it replaces is used", async () => {
    const page = await open(sites[0].url("/patched"));
    const seen = await page.evaluate(async () => {
      const api = (window as unknown as ApiWindow).flybrowser;
      const hostile = window as unknown as { caught: unknown[]; port?: unknown };
      const before = Object.getOwnPropertyDescriptor(window, "flybrowser");
      try {
        (window as unknown as { flybrowser: unknown }).flybrowser = {};
        (api as { pair: unknown }).pair = () => {};
        delete (window as unknown as { flybrowser?: unknown }).flybrowser;
      } catch {
        // strict mode says so; sloppy scripts are ignored
      }
      const code = await api.getStreamStatus().then(
        () => "answered",
        (error: { code: string }) => error.code,
      );
      return {
        writable: before?.writable,
        configurable: before?.configurable,
        same: (window as unknown as ApiWindow).flybrowser === api,
        frozen: Object.isFrozen(api),
        code,
        port: hostile.port === undefined,
        caught: hostile.caught.length,
      };
    });
    expect(seen).toEqual({
      writable: false,
      configurable: false,
      same: true,
      frozen: true,
      code: "not_paired",
      port: true,
      caught: 0,
    });
  });

  test("can't forge a message: nothing listens to the page", async () => {
    const page = await open(sites[0].url("/"));
    await page.evaluate(() => {
      const request = { id: 99, method: "pair", params: {} };
      const { port1, port2 } = new MessageChannel();
      const heard = window as unknown as { heard: unknown[] };
      heard.heard = [];
      port1.onmessage = (event) => heard.heard.push(event.data);
      const targets: EventTarget[] = [window, document, document.documentElement];
      for (const target of targets) {
        for (const name of ["flybrowser-stream:offer", "flybrowser-stream:ask", "message", "flybrowser"]) {
          target.dispatchEvent(new CustomEvent(name, { detail: request, bubbles: true }));
          target.dispatchEvent(new MessageEvent(name, { data: request, ports: [port2], bubbles: true }));
        }
      }
      (window as EventTarget).addEventListener("flybrowser-stream:offer", (event) => heard.heard.push(event.type));
      window.dispatchEvent(new Event("flybrowser-stream:ask"));
      window.postMessage(request, "*");
      port1.postMessage(request);
    });
    // A real call and its answer come after all that was forged.
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([]);
    expect(await prompts(browser)).toHaveLength(0);
  });

  test("has no API in its frames, of another origin, of its own, or empty", async () => {
    const page = await open(sites[0].url("/"));
    await page.evaluate(async (other) => {
      const frames = [{ src: other }, { src: "/second" }, { src: "about:blank" }, { srcdoc: "<p>x</p>" }];
      await Promise.all(
        frames.map((attributes) => {
          const frame = document.createElement("iframe");
          for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
          const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
          document.body.append(frame);
          return loaded;
        }),
      );
    }, sites[1].url("/"));
    const frames = page.frames().filter((frame) => frame !== page.mainFrame());
    expect(frames).toHaveLength(4);
    for (const frame of frames) expect(await frame.evaluate(() => "flybrowser" in window)).toBe(false);
  });

  test("without an origin of its own is refused", async () => {
    const page = await open(sites[0].url("/sandboxed"));
    for (const method of ["pair", ...METHODS]) {
      expect(await callApi(page, method)).toMatchObject({ code: "page_not_allowed" });
    }
    expect(await prompts(browser)).toHaveLength(0);
  });

  test("is refused what is too large, what is not data, and another's tab", async () => {
    const page = await open(sites[0].url("/"));
    const large = "x".repeat(5_000_000);
    expect(await callApi(page, "pair", { purpose: large })).toMatchObject({ code: "invalid_option" });
    expect(await callApi(page, "pair", { purpose: 5 })).toMatchObject({ code: "invalid_option" });
    expect(await callApi(page, "pair", { origin: "https://example.com" })).toMatchObject({ code: "unknown_option" });
    expect(await callApi(page, "startStream", { rtmp_url: large })).toMatchObject({ code: "invalid_option" });
    expect(await callApi(page, "startStream", { tab_id: 1 })).toMatchObject({ code: "unknown_option" });
    expect(await callApi(page, "startRecording", { path: "/tmp/a.mp4" })).toMatchObject({ code: "unknown_option" });
    const cyclic = await page.evaluate(async () => {
      const api = (window as unknown as ApiWindow).flybrowser as unknown as Record<
        string,
        (p: unknown) => Promise<void>
      >;
      const codes: string[] = [];
      const loop: Record<string, unknown> = {};
      loop.quality = loop;
      for (const value of [loop, { quality: () => {} }, 5, [], new Map(), null]) {
        await api.startStream?.(value).catch((error: { code: string }) => codes.push(error.code));
      }
      return codes;
    });
    for (const code of cyclic) expect(["invalid_option", "unknown_option", "not_paired"]).toContain(code);
    expect(cyclic).toHaveLength(6);
    expect(await prompts(browser)).toHaveLength(0);
  });
});

describe("a paired site", () => {
  test("streams its own tab until it leaves, and others learn nothing of it", async () => {
    const page = await open(sites[0].url("/"));
    const paired = callApi(page, "pair", { purpose: "Show you what I do" });
    await answer(browser, "always");
    expect(await paired).toEqual({ ok: { paired: true, scope: "always" } });
    expect(await callApi(page, "pair")).toEqual({ ok: { paired: true, scope: "always" } });

    const started = await callApi(page, "startStream", { quality: "medium" });
    expect(started).toMatchObject({ ok: { status: "active", quality: "medium" } });
    expect(await callApi(page, "startStream")).toMatchObject({ code: "stream_already_active" });
    const { player_url, stream_id } = (started as { ok: { player_url: string; stream_id: string } }).ok;
    expect((await fetch(player_url)).status).toBe(200);
    expect(await callApi(page, "getStreamStatus")).toMatchObject({
      ok: { active: true, stream_id, status: { player_url } },
    });

    // The same site in another tab is paired too, and has a tab of its own.
    const elsewhere = await open(sites[0].url("/second"));
    expect(await callApi(elsewhere, "getStreamStatus")).toEqual({
      ok: { active: false, is_streaming: false, error: "No active stream" },
    });
    expect(await callApi(elsewhere, "stopStream")).toMatchObject({ ok: { success: false } });

    await page.goto(sites[0].url("/second"));
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ ok: { active: true, stream_id } });
    await page.goto(sites[1].url("/"));
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    await ended(player_url);
    await revoke(sites[0].origin);
  });

  test("marks its tasks and records, and learns nothing of the disk", async () => {
    const page = await open(sites[0].url("/"));
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    await paired;
    // Without a stream the work is done all the same, unmarked.
    const unmarked = () =>
      page.evaluate(() => (window as unknown as ApiWindow).flybrowser.task("a", (at) => at.task_id));
    expect(await unmarked()).toBe(null);
    // Recorded without a stream: nobody can see it, and the page is told no place on the disk.
    expect(await callApi(page, "startRecording")).toMatchObject({
      ok: { status: "recording", file_path: expect.stringMatching(/^[^/\\]+\.mp4$/) },
    });
    expect(await callApi(page, "startRecording")).toMatchObject({ code: "recording_already_active" });
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ ok: { active: false } });
    expect(await unmarked()).toMatch(/^task_/); // a chapter of the recording
    expect(await callApi(page, "stopStream")).toMatchObject({ ok: { success: false } });
    expect(await callApi(page, "stopRecording")).toMatchObject({ ok: { format: "mp4" } });

    expect(await callApi(page, "startStream", { quality: "low_bandwidth" })).toMatchObject({
      ok: { status: "active" },
    });
    const failure = await page.evaluate(async () => {
      const { flybrowser } = window as unknown as ApiWindow;
      const task = await flybrowser.beginTask("By hand", { detail: "first" });
      await flybrowser.endTask(task.task_id);
      return flybrowser
        .task("Outer", async ({ note, task }) => {
          note("half way");
          await task("Inner", () => 1);
          throw new Error("no seats left");
        })
        .catch((error: Error) => error.message);
    });
    expect(failure).toBe("no seats left");
    const status = await callApi(page, "getStreamStatus");
    const { tasks } = (status as { ok: { status: { tasks: { task_id: string }[] } } }).ok.status;
    expect(tasks).toMatchObject([
      { name: "By hand", state: "done", detail: "first" },
      { name: "Outer", state: "failed", detail: "no seats left", parent_id: null },
      { name: "Inner", state: "done", parent_id: tasks[1]?.task_id },
    ]);

    const recording = await callApi(page, "startRecording", { format: "mp4" });
    expect(recording).toMatchObject({
      ok: { status: "recording", file_path: expect.stringMatching(/^[^/\\]+\.mp4$/) },
    });
    const told = (await callApi(page, "getStreamStatus")) as { ok: { status: { recording: object } } };
    expect(told.ok.status.recording).toMatchObject({ file_path: expect.stringMatching(/^[^/\\]+\.mp4$/) });
    expect(await callApi(page, "stopRecording")).toMatchObject({
      ok: { file_path: expect.stringMatching(/^[^/\\]+\.mp4$/), format: "mp4" },
    });
    expect(readdirSync(join(folder, "videos"))).toHaveLength(2);
    expect(await callApi(page, "stopStream")).toMatchObject({ ok: { success: true } });
    await revoke(sites[0].origin);
  });

  test("loses its stream when the user takes the permission back", async () => {
    const page = await open(sites[1].url("/"));
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    await paired;
    const other = await open(sites[1].url("/"));
    expect(await callApi(other, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    await page.bringToFront();
    const started = await callApi(page, "startStream", { quality: "low_bandwidth" });
    const { player_url } = (started as { ok: { player_url: string } }).ok;
    await revoke(sites[1].origin);
    expect(await callApi(page, "stopStream")).toMatchObject({ code: "not_paired" });
    await ended(player_url);
  });

  test("works under a strict content security policy", async () => {
    const page = await open(sites[1].url("/strict"));
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    expect(await paired).toEqual({ ok: { paired: true, scope: "once" } });
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ ok: { active: false } });
    await revoke(sites[1].origin);
  });

  test("sees the stream of the user in its tab, but not its links", async () => {
    await flybrowser.goto(sites[2].url("/"));
    const { page } = flybrowser;
    await page.bringToFront();
    const paired = callApi(page, "pair");
    await answer(browser, "once");
    await paired;
    const started = await flybrowser.startStream({ quality: "low_bandwidth" });
    const token = new URL(started.player_url).pathname.split("/")[3] ?? "";
    expect(token.length).toBeGreaterThan(20);
    const status = await callApi(page, "getStreamStatus");
    expect(status).toMatchObject({ ok: { active: true, stream_id: started.stream_id, status: { hls_url: null } } });
    expect(JSON.stringify(status)).not.toContain(token);
    await page.goto(sites[0].url("/"));
    expect(await flybrowser.getStreamStatus()).toMatchObject({ active: true });
    await flybrowser.stopStream();
    await revoke(sites[2].origin);
  });
});

test("another extension pairs by its id, and names its tab", async () => {
  const own = join(folder, "another-extension");
  mkdirSync(own);
  const manifest = { manifest_version: 3, name: "Another", version: "1", background: { service_worker: "worker.js" } };
  writeFileSync(join(own, "manifest.json"), JSON.stringify({ ...manifest, permissions: ["tabs"] }));
  writeFileSync(join(own, "worker.js"), "");
  const options = await FlyBrowser.launchOptions();
  const args =
    options.puppeteer.args?.map((arg) => (arg.startsWith("--load-extension=") ? `${arg},${own}` : arg)) ?? [];
  const both = await puppeteer.launch({ ...options.puppeteer, args });
  try {
    const page = (await both.pages())[0] ?? (await both.newPage());
    await page.goto(sites[0].url("/"));
    const target = await both.waitForTarget((target) => target.url().endsWith("/worker.js"));
    const worker = await target.worker();
    if (!worker) throw new Error("the other extension has no worker");
    const send = (message: unknown): Promise<unknown> =>
      worker.evaluate((id, message) => chrome.runtime.sendMessage(id, message), EXTENSION_ID, message);
    const tabs = await worker.evaluate(async (url) => chrome.tabs.query({ url }), sites[0].url("/"));
    const tab_id = tabs[0]?.id;

    expect(await send({ method: "getStreamStatus", tab_id })).toMatchObject({
      ok: false,
      error: { code: "not_paired" },
    });
    expect(await send({ method: "getStreamStatus" })).toMatchObject({ error: { code: "invalid_option" } });
    expect(await send({ method: "listTabs" })).toMatchObject({ error: { code: "invalid_option" } });
    expect(await send({ method: "pair", tab_id: 99_999 })).toMatchObject({ error: { code: "tab_not_found" } });
    const paired = send({ method: "pair", params: { purpose: "Help" } });
    expect(await (await prompt(both)).$eval(".host", (host) => host.textContent)).toBe(new URL(target.url()).host);
    await answer(both, "once");
    expect(await paired).toEqual({ id: 0, ok: true, result: { paired: true, scope: "once" } });
    const started = await send({ method: "startStream", params: { options: { quality: "low_bandwidth" } }, tab_id });
    expect(started).toMatchObject({ ok: true, result: { status: "active" } });
    await page.goto(sites[1].url("/"));
    expect(await send({ method: "getStreamStatus", tab_id })).toMatchObject({ result: { active: true } });
    expect(await send({ method: "stopStream", tab_id })).toMatchObject({ result: { success: true } });
  } finally {
    await both.close();
  }
});

test("where the user has not clicked the button, a paired page is told so at once", async () => {
  const options = await FlyBrowser.launchOptions();
  const args = options.puppeteer.args?.filter((arg) => !arg.startsWith("--allowlisted-extension-id")) ?? [];
  const plain = await puppeteer.launch({ ...options.puppeteer, args });
  try {
    const page = await plain.newPage();
    await page.goto(sites[0].url("/"));
    const paired = callApi(page, "pair");
    await answer(plain, "once");
    await paired;
    const began = performance.now();
    expect(await callApi(page, "startStream")).toMatchObject({ code: "tab_not_invoked" });
    expect(performance.now() - began).toBeLessThan(10_000);
  } finally {
    await plain.close();
  }
});
