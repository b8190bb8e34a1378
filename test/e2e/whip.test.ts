// WHIP from a real tab to a real server (aiortc): what arrives, redirect, refusal, removal.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { Cleanup, freePort } from "../fixtures/rtmp/processes.ts";
import { type AiortcServer, startAiortc } from "../fixtures/whip/aiortc.ts";
import { descendants } from "./harness/leftovers.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

const cleanup = new Cleanup();
const key = testKey();
let pages: Pages;
let server: AiortcServer;
let browser: FlyBrowser;

beforeAll(async () => {
  server = await startAiortc(cleanup, await freePort(), key);
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await cleanup.run();
});

async function destinations() {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status.destinations;
}
const state = async (name: string) => (await destinations()).find((each) => each.name === name)?.state;

test("the tab arrives by WebRTC, after a redirect; a wrong token is final; DELETE ends it", async () => {
  const at = (path: string) => `whip+http://127.0.0.1:${server.port}/${path}`;
  await browser.startStream({
    quality: "medium",
    destinations: [
      { url: at("redirect"), key, name: "main" },
      { url: at("whip"), key: "another-token", name: "refused" },
      { url: at("nowhere"), key, name: "missing" },
    ],
  });
  await until("it to be live", async () => (await state("main")) === "live");
  await until("decoded frames", () => server.received.video > 30 && server.received.audio > 50);
  expect(server.received).toMatchObject({ width: 640, height: 360, state: "connected" });
  await until(
    "the others to have failed",
    async () => (await state("refused")) === "failed" && (await state("missing")) === "failed",
  );
  const [main, refused, missing] = await destinations();
  expect(main).toMatchObject({ url: `whip+http://127.0.0.1:${server.port}`, reconnects: 0, error: null });
  expect(main?.bytes_sent).toBeGreaterThan(10_000);
  expect(refused?.error).toContain("it answered 401");
  expect(missing?.error).toContain("it answered 404");

  const told = JSON.stringify(await destinations());
  expect(told).not.toContain(key);
  for (const { pid, command } of descendants(process.pid).filter(({ command: each }) => !each.includes("aiortc"))) {
    expect(command).not.toContain(key);
    let environ = "";
    try {
      environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    } catch {} // it has ended meanwhile
    expect(environ).not.toContain(key);
  }
  const removed = await browser.removeDestination(main?.destination_id ?? "");
  expect(removed.state).toBe("ended");
  await until("the session to be ended", () => server.received.ended === 1);
  expect(await browser.stopStream()).toMatchObject({ success: true });
});
