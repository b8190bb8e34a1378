// A page in a browser that somebody drives: Chromium and Firefox by Puppeteer, WebKit's MiniBrowser by WebKitWebDriver.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import puppeteer from "puppeteer-core";
import { sleep } from "../../protocol/async.ts";
import { findBrowser } from "../../sdk/find-browser.ts";
import { endProcess } from "./stage.ts";

/** The frame in which somebody watches. */
export interface BrowserPage {
  /** When it was sent to its address, by performance.now(). */
  readonly began: number;
  /** Value of an expression there; it must be JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** A click of the viewer's. @throws Error when there is no such element */
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

export const FIREFOX = process.env.FLYBROWSER_FIREFOX ?? "/usr/bin/firefox-esr";
export const WEBKIT = process.env.FLYBROWSER_WEBKIT ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/** Opens `url`; `frame`: the watching happens in its first frame. `env`: what the browser's process gets beside ours. */
export type OpenPage = (url: string, frame: boolean, env: Record<string, string>) => Promise<BrowserPage>;

const byPuppeteer =
  (browser: "chrome" | "firefox"): OpenPage =>
  async (url, frame, env) => {
    const opened = await puppeteer.launch({
      ...{ browser, headless: false, defaultViewport: null, env: { ...process.env, ...env } },
      executablePath: browser === "chrome" ? findBrowser(undefined) : FIREFOX,
      args: browser === "chrome" && process.getuid?.() === 0 ? ["--no-sandbox"] : [],
      ...(browser === "chrome" ? { ignoreDefaultArgs: ["--mute-audio"] } : {}),
    });
    try {
      const page = (await opened.pages())[0] ?? (await opened.newPage());
      const began = performance.now();
      await page.goto(url);
      const inside = frame
        ? await page.waitForFrame((each) => each.parentFrame() !== null, { timeout: 15_000 })
        : page.mainFrame();
      return {
        began,
        evaluate: <T>(expression: string) => inside.evaluate(expression) as Promise<T>,
        async click(selector) {
          const element = await inside.waitForSelector(selector, { timeout: 10_000 });
          await element?.click();
        },
        close: () => opened.close(),
      };
    } catch (error) {
      await opened.close();
      throw error;
    }
  };

/** By Chromium and Firefox. */
export const openChromium = byPuppeteer("chrome");
export const openFirefox = byPuppeteer("firefox");

/** By WebKitWebDriver (W3C WebDriver). */
export const openWebKit: OpenPage = async (url, frame, env) => {
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    env: { ...process.env, ...env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", LIBGL_ALWAYS_SOFTWARE: "1" },
  });
  driver.on("error", () => {}); // the session can't be had then
  try {
    return await session(driver, `http://127.0.0.1:${port}`, url, frame);
  } catch (error) {
    await endProcess(driver);
    throw error;
  }
};

async function session(driver: ChildProcess, origin: string, url: string, frame: boolean): Promise<BrowserPage> {
  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${origin}${path}`, {
      ...{ method, signal: AbortSignal.timeout(30_000) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = (await answer.json()) as { value: unknown };
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
  for (let tries = 0; ; tries++) {
    if (await send("GET", "/status").then(Boolean, () => false)) break;
    if (tries === 50) throw new Error("WebKitWebDriver doesn't answer");
    await sleep(100);
  }
  const options = { binary: WEBKIT, args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
  const { sessionId } = (await send("POST", "/session", { capabilities })) as { sessionId: string };
  const at = `/session/${sessionId}`;
  const find = async (selector: string) => {
    for (let tries = 0; ; tries++) {
      const found = await send("POST", `${at}/element`, { using: "css selector", value: selector }).catch(() => null);
      if (found) return found;
      if (tries === 50) throw new Error(`there is no ${selector}`);
      await sleep(200);
    }
  };
  const began = performance.now();
  await send("POST", `${at}/url`, { url });
  if (frame) await send("POST", `${at}/frame`, { id: await find("iframe") });
  return {
    began,
    evaluate: async <T>(expression: string) =>
      (await send("POST", `${at}/execute/sync`, { script: `return ${expression}`, args: [] })) as T,
    async click(selector) {
      const [id = ""] = Object.values((await find(selector)) as Record<string, string>);
      await send("POST", `${at}/element/${id}/click`, {});
    },
    async close() {
      await send("DELETE", at).catch(() => {});
      await endProcess(driver);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
