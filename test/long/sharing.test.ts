// Who can watch, as a program chooses it: by the SDK, by the command. The host's part of it: test/host/sharing.test.ts.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import type { Person } from "../e2e/harness/person.ts";
import { run } from "../e2e/harness/run.ts";
import { type InstalledPrograms, installTunnels } from "../fixtures/tunnel/install.ts";

const COMMAND = "dist/cli/flybrowser.js";
let pages: Pages;
let tunnels: InstalledPrograms;
let person: Person | null = null;

beforeAll(async () => {
  pages = await servePages();
  tunnels = installTunnels(["ngrok"], "refuses");
});
afterEach(async () => {
  await person?.close();
  person = null;
});
afterAll(async () => {
  await pages.close();
  tunnels.remove();
});

test("the SDK: chosen at the start and changed while live; what can't be had is an error", async () => {
  const browser = await FlyBrowser.launch({ view_address: "127.0.0.2" });
  try {
    await browser.goto(pages.url("pattern.html"));
    const started = await browser.startStream({ share: "network" });
    expect(started).toMatchObject({
      share: "network",
      share_note: expect.stringContaining("the network of 127.0.0.2"),
    });
    expect((await fetch(started.player_url)).status).toBe(200);
    const { link_id, player_url } = await browser.createLink({ name: "Ada", expires_in: 60 });
    const links = await run(process.execPath, [COMMAND, "links", "--json"]);
    expect(JSON.parse(links.stdout.toString()).streams).toContainEqual(
      expect.objectContaining({
        links: [expect.objectContaining({ name: null }), expect.objectContaining({ link_id })],
      }),
    );
    expect((await run(process.execPath, [COMMAND, "links", "revoke", link_id])).status).toBe(0);
    expect((await fetch(player_url)).status).toBe(404);
    const local = await browser.setSharing("this-computer");
    expect(local.player_url).toContain("//127.0.0.1:");
    await expect(fetch(started.player_url)).rejects.toThrow();
    expect((await browser.getStreamStatus()) as object).toMatchObject({ status: { share: "this-computer" } });
    await expect(browser.setSharing("everybody" as never)).rejects.toMatchObject({ code: "invalid_option" });
  } finally {
    await browser.close();
  }
});

test("the command: --share internet without a way is an error, and nothing is streamed", async () => {
  const args = [COMMAND, "stream", pages.url("pattern.html"), "--json", "--share", "internet"];
  const { status, stdout, stderr } = await run(process.execPath, args, { env: tunnels.env });
  expect([status, stdout.toString()]).toEqual([1, ""]);
  expect(stderr).toMatch(/✗ The stream can't be shared with the internet: ngrok: it ended/);
});
