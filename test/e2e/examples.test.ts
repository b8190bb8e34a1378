// Every example, run: those that take a browser share one, those that are scripts run as such.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { basicStream } from "../../examples/basic-stream.ts";
import { broadcast } from "../../examples/broadcast-rtmp.ts";
import { monitorStreamHealth } from "../../examples/health-monitor.ts";
import { monitoredAutomation } from "../../examples/monitoring-dashboard.ts";
import { debugWorkflow } from "../../examples/remote-debugging.ts";
import { scriptedAgent } from "../../examples/scripted-agent.ts";
import { streamAndRecord } from "../../examples/stream-and-record.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, temporaryFolder } from "../fixtures/rtmp/processes.ts";
import { record } from "../fixtures/rtmp/pull.ts";
import { controlsFromOutside } from "./harness/control-example.ts";
import { probe } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";

const ROOT = join(import.meta.dirname, "../..");

let pages: Pages;
let browser: FlyBrowser;
const said: string[] = [];
const cleanup = new Cleanup();

beforeAll(async () => {
  for (const name of ["log", "warn", "error"] as const) {
    vi.spyOn(console, name).mockImplementation((line: unknown) => void said.push(String(line)));
  }
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 }, agent: scriptedAgent });
});
afterAll(async () => {
  await browser.close();
  await pages.close();
  await cleanup.run();
  vi.restoreAllMocks();
});

/** An agent task that reads a heading by way of a link. */
const readHeading = () => `open ${pages.url("form.html")}; click static; read h1`;
const noStream = async () => expect(await browser.getStreamStatus()).toMatchObject({ active: false });

test("basic-stream", async () => {
  const url = await basicStream(browser, pages.url("static.html"));
  expect(said).toContain(`Watch: ${url}`);
  await noStream();
});

test("scripted-agent, remote-debugging: the steps are tasks inside the agent's", async () => {
  const before = browser.tasks.length;
  expect(await debugWorkflow(browser, readHeading())).toBe("Nothing moves here");
  const [outer, ...steps] = browser.tasks.slice(before);
  expect(steps.map(({ name, state }) => [name.split(" ")[0], state])).toEqual([
    ["open", "done"],
    ["click", "done"],
    ["read", "done"],
  ]);
  expect(new Set(steps.map(({ parent_id }) => parent_id))).toEqual(new Set([outer?.task_id]));
  await noStream();
});

test("monitoring-dashboard: one task that fails doesn't stop the others", async () => {
  const notify = vi.fn();
  expect(await monitoredAutomation(browser, [readHeading(), "dance", readHeading()], notify)).toBe(2);
  expect(notify).toHaveBeenCalledWith(expect.stringMatching(/^http:.*\/player$/));
  expect(browser.tasks.find(({ name, parent_id }) => name === "dance" && !parent_id)).toMatchObject({
    state: "failed",
    detail: "I don't understand: dance",
  });
  await noStream();
});

test("health-monitor: until the stream has ended", async () => {
  await browser.startStream({ quality: "low_bandwidth" });
  const lines: string[] = [];
  const report = (line: string) => {
    lines.push(line);
    if (line.includes("watching")) void browser.stopStream();
  };
  expect(await monitorStreamHealth(browser, report, 100)).toBeGreaterThan(1);
  expect(lines.at(-1)).toBe("Stream ended");
});

test("stream-and-record: the file has the tasks as chapters", async () => {
  const path = join(await temporaryFolder(cleanup), "recorded.mp4");
  expect(await streamAndRecord(browser, readHeading(), path)).toBe(path);
  expect((await probe(path)).map(({ codec_name }) => codec_name)).toContain("h264");
  expect(said.at(-1)).toContain("read h1");
  await noStream();
});

test("broadcast-rtmp: on air with the key from the environment, which nothing tells", async () => {
  const server = await startRtmpServer(cleanup, "the-secret-key");
  const rtmp_url = `rtmp://127.0.0.1:${server.port}/keyed`;
  await expect(broadcast(browser, rtmp_url, "about:blank", async () => {})).rejects.toThrow("RTMP_STREAM_KEY");
  vi.stubEnv("RTMP_STREAM_KEY", server.key);
  onTestFinished(() => void vi.unstubAllEnvs());
  let pulled = "";
  const folder = await temporaryFolder(cleanup);
  await broadcast(browser, rtmp_url, pages.url("pattern.html"), async () => {
    pulled = await record(`${rtmp_url}/${server.key}`, folder, 2);
    expect(JSON.stringify(await browser.getStreamStatus())).not.toContain(server.key);
  });
  expect((await probe(pulled)).map(({ codec_name }) => codec_name)).toContain("h264");
  expect(said.join("\n")).not.toContain(server.key);
  await noStream();
});

test("control-api.sh: from another language, by the control API alone", async () => {
  await controlsFromOutside(browser, pages, "sh", "examples/control-api.sh");
  await noStream();
});

/** What other tests run: take-over.test.ts, and in test/long sizes, examples and agent-examples. */
const ELSEWHERE = [
  ...[
    "sizes.ts",
    "second-factor.ts",
    "safe-stream.ts",
    "control_api.py",
    "existing-playwright.ts",
    "existing-puppeteer.ts",
  ],
  ...["playwright-test", "loops.ts", "agent_loop.py"],
];

test("every example is run here and named in the list", async () => {
  const list = await readFile(join(ROOT, "examples/README.md"), "utf8");
  const tests = await readFile(import.meta.filename, "utf8");
  for (const file of readdirSync(join(ROOT, "examples")).filter((name) => !name.endsWith(".md") && name !== "edge")) {
    expect(list).toContain(`(${file})`);
    if (!ELSEWHERE.includes(file)) expect(tests).toContain(file.replace(/\.ts$/, ""));
  }
});
