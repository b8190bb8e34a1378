// `flybrowser install` for real: a user's home, their Chromium, the extension and the host that install put there.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { hostOf } from "./harness/chain.ts";
import { variant } from "./harness/hls.ts";
import { stillRunning } from "./harness/leftovers.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { openPerson } from "./harness/person.ts";
import { type Outcome, run } from "./harness/run.ts";
import { until } from "./harness/until.ts";

const home = mkdtempSync(join(tmpdir(), "flybrowser-home-"));
const profile = join(home, ".config/chromium");
const manifest = join(profile, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`);
const folder = join(home, ".local/share/flybrowser-stream");
const env = { HOME: home, XDG_CONFIG_HOME: "", XDG_DATA_HOME: "", XDG_STATE_HOME: "", FLYBROWSER_STATE_DIR: "" };
let pages: Pages;

const flybrowser = (...args: string[]): Promise<Outcome> =>
  run(process.execPath, ["dist/cli/flybrowser.js", ...args], { env });

interface Finding {
  name: string;
  state: string;
  detail: string;
}

/** What doctor says of the host in Chromium, and of its log. */
async function doctor() {
  const { stdout } = await flybrowser("doctor", "--json");
  const { findings } = JSON.parse(stdout.toString()) as { findings: Finding[] };
  const find = (name: string) => findings.find((finding) => finding.name === name);
  return {
    registered: find("Host in Chromium"),
    none: find("Host in your browsers"),
    log: find("Host log"),
  };
}

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => {
  await pages.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("before: doctor says that no browser knows the host, and what to do", async () => {
  const { registered, none, log } = await doctor();
  expect(registered).toBeUndefined();
  expect(none).toMatchObject({ state: "note", detail: expect.stringContaining("no browser") });
  expect(log?.detail).toBe(join(home, ".local/state/flybrowser-stream/logs/host.log"));
});

test("installed: Chromium finds the host, and the tab goes live", async () => {
  const { status, stderr } = await flybrowser("install", "--browser", "chromium");
  expect(status).toBe(0);
  expect(stderr).toContain(join(home, "flybrowser-extension"));
  expect(JSON.parse(readFileSync(manifest, "utf8"))).toMatchObject({ path: join(folder, "host") });
  expect((await doctor()).registered).toMatchObject({
    state: "ok",
    detail: expect.stringContaining("responds"),
  });

  const person = await openPerson({ profile, env, extension: join(home, "flybrowser-extension") });
  let host = 0;
  try {
    await person.page.goto(pages.url("pattern.html"));
    const popup = await person.openPopup();
    const start = await popup.waitForSelector(".button.primary.wide:not(:disabled)");
    const reopened = person.nextPopup();
    await start?.click();
    const field = await (await reopened).waitForSelector(".link input");
    const link = (await field?.evaluate((input) => input.value)) ?? "";
    expect(await variant(link.replace(/player$/, "index.m3u8"))).toContain("RESOLUTION=");
    const process = hostOf(person.browser.process()?.pid ?? 0);
    host = process?.pid ?? 0;
    expect(process?.command).toContain(join(folder, "dist/native-host/main.js"));
    expect(existsSync((await doctor()).log?.detail ?? "")).toBe(true);
  } finally {
    await person.close();
  }
  await until("the host has ended with its browser", () => stillRunning([host]).length === 0);
});

test("uninstall takes all of it back", async () => {
  expect((await flybrowser("uninstall")).status).toBe(0);
  expect(existsSync(manifest)).toBe(false);
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(join(home, "flybrowser-extension"))).toBe(false);
  expect(existsSync(join(home, ".local/bin/flybrowser"))).toBe(false);
  expect((await doctor()).none).toMatchObject({ state: "note" });
  expect((await flybrowser("uninstall")).stderr).toContain("There was nothing to remove.");
});
