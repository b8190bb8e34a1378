// What was missing when the popup opened and is installed while it is open: the popup notices by itself, and the stream starts.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { hostManifest, writeHostManifest, writeLauncher } from "../../sdk/native-host-files.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { openPerson } from "./harness/person.ts";
import { until } from "./harness/until.ts";

const folder = mkdtempSync(join(tmpdir(), "flybrowser-missing-"));
let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});
afterAll(async () => {
  await pages.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const text = (popup: Page) => popup.evaluate(() => document.body.textContent ?? "");

test("Node that was deleted is named as the cause", async () => {
  const profile = join(folder, "other-profile");
  const node = join(folder, "node");
  writeFileSync(node, "");
  chmodSync(node, 0o644);
  const launcher = await writeLauncher({ folder: join(folder, "old-host"), command: [node, "main.js"] });
  await writeHostManifest(join(profile, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`), hostManifest(launcher));
  const person = await openPerson({ profile });
  try {
    await person.page.goto(pages.url("static.html"));
    const popup = await person.openPopup();
    await until("the popup names the cause", async () => (await text(popup)).includes(`is no longer at ${node}`));
    expect(await text(popup)).toContain("flybrowser install");
  } finally {
    await person.close();
  }
});
