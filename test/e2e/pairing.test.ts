// Who asks to pair, in real Chromium: a site gets no further than the user's answer, and a hostile page not even there.
// The extension was never clicked here, as in the browser of somebody who has just installed it.
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EXTENSION_ID } from "../../protocol/version.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { paced } from "../fixtures/pace.ts";
import { type ApiWindow, answer, callApi, noPrompt, prompt, prompts } from "./harness/pairing.ts";
import { openStage, type PairingStage } from "./harness/pairing-stage.ts";

let stage: PairingStage;
let sites: PairingStage["sites"];
let browser: Browser;
const open = (url: string) => stage.open(url);
const revoke = (origin: string) => stage.revoke(origin);

beforeAll(async () => {
  const { puppeteer: options } = await FlyBrowser.launchOptions({ viewport: { width: 640, height: 360 } });
  const args = options.args?.filter((arg) => !arg.startsWith("--allowlisted-extension-id")) ?? [];
  stage = await openStage(() => puppeteer.launch({ ...options, args }));
  ({ sites, browser } = stage);
});
afterAll(() => stage?.close());
afterEach(() => stage.tidy());

const FILES = ["manifest.json", "icons/icon-48.png", "extension/page/api.iife.js", "extension/page/bridge.iife.js"].map(
  (path) => `chrome-extension://${EXTENSION_ID}/${path}`,
);
const METHODS = ["startStream", "stopStream", "getStreamStatus", "startRecording", "stopRecording"] as const;

describe("a site that nobody has let ask", () => {
  test("can't tell that the extension is there, by its object or by its files", async () => {
    await stage.letAsk(false);
    const page = await open(sites[0].url("/"));
    const seen = await page.evaluate(async (files: string[]) => {
      const found = await Promise.all(
        files.map((file) =>
          fetch(file).then(
            () => file,
            () => null,
          ),
        ),
      );
      return { object: "flybrowser" in window, files: found.filter((file) => file !== null) };
    }, FILES);
    expect(seen).toEqual({ object: false, files: [] });
    await stage.letAsk(true);
    await page.reload();
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
  });

  test("was paired before it was taken from the list: the pairing is gone with it", async () => {
    const page = await open(sites[0].url("/"));
    const pairing = callApi(page, "pair");
    await answer(browser, "always");
    expect(await pairing).toEqual({ ok: { paired: true, scope: "always" } });
    await stage.letAsk(false);
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
    await stage.letAsk(true);
    await page.reload();
    expect(await callApi(page, "getStreamStatus")).toMatchObject({ code: "not_paired" });
  });
});

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

test("where the user has not clicked the button, a paired page is told so at once", async () => {
  const page = await open(sites[0].url("/"));
  const paired = callApi(page, "pair");
  await answer(browser, "once");
  await paired;
  const began = performance.now();
  expect(await callApi(page, "startStream")).toMatchObject({ code: "tab_not_invoked" });
  expect(performance.now() - began).toBeLessThan(paced(10_000));
});
