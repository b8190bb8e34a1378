// The examples for agents, run: a Playwright Test suite with links and recordings in its report, loops like Stagehand's and browser-use's, an
// agent in Python.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { observeAndAct, type Turn, turns } from "../../examples/loops.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { probe } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { run } from "../e2e/harness/run.ts";
import { Cleanup, temporaryFolder } from "../fixtures/rtmp/processes.ts";

const ROOT = join(import.meta.dirname, "../..");
const cleanup = new Cleanup();
let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});
afterAll(async () => {
  await pages.close();
  await cleanup.run();
});

test("playwright-test: link and recording of each test stand in the report", async () => {
  const output = await temporaryFolder(cleanup);
  const args = ["playwright", "test", "--config", "examples/playwright-test", "--reporter", "json", "--output", output];
  const { status, stdout } = await run("npx", args, { cwd: ROOT, env: { PAGE_URL: pages.url("static.html") } });
  interface Result {
    readonly attachments: readonly { readonly name: string; readonly path: string }[];
  }
  interface Report {
    readonly suites: readonly {
      readonly specs: readonly {
        readonly ok: boolean;
        readonly tests: readonly {
          readonly annotations: readonly { readonly type: string; readonly description: string }[];
          readonly results: readonly Result[];
        }[];
      }[];
    }[];
  }
  expect(status).toBe(0);
  const { suites } = JSON.parse(stdout.toString()) as Report;
  const specs = suites.flatMap((suite) => suite.specs);
  expect(specs.map(({ ok }) => ok)).toEqual([true, true]);
  for (const { tests } of specs) {
    expect(tests[0]?.annotations).toContainEqual({ type: "Watch", description: expect.stringMatching(/\/player$/) });
    const [recording] = tests[0]?.results[0]?.attachments ?? [];
    expect((await probe(recording?.path ?? "")).map(({ codec_name }) => codec_name)).toContain("h264");
  }
});

test("loops: observe and act, as Stagehand; turns of a model, as browser-use", async () => {
  await using acting = await FlyBrowser.launch({ agent: observeAndAct });
  await acting.startStream({ quality: "low_bandwidth" });
  await acting.goto(pages.url("form.html"));
  expect(await acting.act('click "static"')).toMatch(/static/i);
  await acting.page.waitForFunction(() => document.body.innerText.includes("Nothing moves here"));
  await expect(acting.act('click "what isn\'t there"')).rejects.toThrow("Nothing on the page fits");
  expect(acting.tasks.map(({ state }) => state)).toEqual(["done", "failed"]);
  expect(acting.tasks[0]?.detail).toMatch(/^click /);

  const plan: Turn[] = [
    { next_goal: "Open the form", actions: [{ go_to_url: pages.url("form.html") }] },
    { next_goal: "Go on", actions: [{ click: "a" }] },
  ];
  await using taking = await FlyBrowser.launch({ agent: turns((_state, turn) => plan[turn] ?? null) });
  await taking.startStream({ quality: "low_bandwidth" });
  expect(await taking.agent("Find out what it says")).toContain("http");
  expect(taking.tasks.map(({ name, state }) => [name, state])).toEqual([
    ["Find out what it says", "done"],
    ["Open the form", "done"],
    ["Go on", "done"],
  ]);
});

test("agent_loop.py: each step a task inside its goal, one that fails too", async () => {
  await using browser = await FlyBrowser.launch();
  await browser.goto(pages.url("static.html"));
  const pid = hostOf(browser.page.browser().process()?.pid ?? 0)?.pid;
  const doctor = await run(process.execPath, ["dist/cli/flybrowser.js", "doctor", "--json"], { cwd: ROOT });
  const { findings } = JSON.parse(doctor.stdout.toString()) as { findings: { name: string; detail: string }[] };
  const places = findings.find(({ name }) => name === "Control API port and token")?.detail.split(", ") ?? [];
  const env = { FLYBROWSER_CONTROL_FILE: places.find((path) => path.endsWith(`/${pid}.json`)) ?? "" };
  const { status, stdout, stderr } = await run("python3", ["examples/agent_loop.py", "static.html"], {
    cwd: ROOT,
    env,
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout.toString().split("\n").slice(1, -1)).toEqual([
    "Failed: there is no such button",
    "done: Look around",
    "done: Read the page",
    "failed: Press what isn't there",
    "done: Look for it",
    "failed: Press it",
  ]);
});
