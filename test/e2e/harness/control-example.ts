// An example in another language that streams and records a tab by the control API alone.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { FlyBrowser } from "../../../sdk/index.ts";
import { hostOf } from "./chain.ts";
import { probe } from "./media.ts";
import type { Pages } from "./pages.ts";
import { run } from "./run.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** Has `program` run `script` beside the host of `browser`, and once where there is no host; expects what it prints. */
export async function controlsFromOutside(
  browser: FlyBrowser,
  pages: Pages,
  program: string,
  script: string,
): Promise<void> {
  await browser.goto(pages.url("static.html"));
  const pid = hostOf(browser.page.browser().process()?.pid ?? 0)?.pid;
  const { findings } = JSON.parse(
    (await run(process.execPath, ["dist/cli/flybrowser.js", "doctor", "--json"], { cwd: ROOT })).stdout.toString(),
  ) as { findings: { name: string; detail: string }[] };
  const places = findings.find(({ name }) => name === "Control API port and token")?.detail.split(", ") ?? [];
  const place = places.find((path) => path.endsWith(`/${pid}.json`)) ?? "";
  const env = { FLYBROWSER_CONTROL_FILE: place, SECONDS_LIVE: "2" };
  const outcome = await run(program, [script, "static.html"], { cwd: ROOT, env });
  const printed = outcome.stdout.toString();
  expect([outcome.status, outcome.stderr, printed]).toEqual([0, "", expect.stringContaining("Stopped: stream_")]);
  expect(printed).toContain(pages.url("static.html"));
  expect(printed).toMatch(/^Watch: http:\S+\/player$/m);
  expect(printed).toMatch(/^Status: active, healthy, [1-9]\d* frames$/m);
  expect(printed).toMatch(/^Recorded: [1-9][\d.]* s, [1-9]\d+ bytes$/m);
  for (const event of ["stream", "task", "recording"])
    expect(printed).toMatch(new RegExp(`^Events: .*\\b${event}\\b`, "m"));
  const file = /^Recording: (.*)$/m.exec(printed)?.[1] ?? "";
  expect((await probe(file)).map(({ codec_name }) => codec_name)).toContain("h264");
  await rm(file);

  const none = await run(program, [script], { cwd: ROOT, env: { FLYBROWSER_STATE_DIR: join(ROOT, "nonexistent") } });
  expect([none.status, none.stderr]).toEqual([1, expect.stringContaining("No FlyBrowser Stream host is running")]);
}
