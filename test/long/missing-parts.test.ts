// What was missing when the popup opened and is installed while it is open: the popup notices by itself, and the stream starts.
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { hostCommand } from "../../sdk/installation.ts";
import { hostManifest, writeHostManifest, writeLauncher } from "../../sdk/native-host-files.ts";
import { variant } from "../e2e/harness/hls.ts";
import { onPath } from "../e2e/harness/on-path.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { openPerson } from "../e2e/harness/person.ts";
import { until } from "../e2e/harness/until.ts";

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

test("first the host, then FFmpeg", async () => {
  const profile = join(folder, "profile");
  const person = await openPerson({ profile });
  try {
    await person.page.goto(pages.url("pattern.html"));
    const popup = await person.openPopup();
    await until("the popup says that there is no host", async () => (await text(popup)).includes("is not installed"));

    const ffmpeg = join(folder, "ffmpeg");
    const env = { FLYBROWSER_STATE_DIR: join(folder, "state"), FLYBROWSER_FFMPEG: ffmpeg };
    const launcher = await writeLauncher({ folder: join(folder, "host"), command: hostCommand(), env });
    await writeHostManifest(join(profile, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`), hostManifest(launcher));
    await until("the popup says that there is no FFmpeg", async () =>
      (await text(popup)).includes("FFmpeg was not found"),
    );

    symlinkSync(process.env.FLYBROWSER_FFMPEG || onPath("ffmpeg"), ffmpeg);
    await until("the popup finds FFmpeg", async () => !(await text(popup)).includes("FFmpeg was not found"));
    const start = await popup.waitForSelector(".button.primary.wide:not(:disabled)");
    const reopened = person.nextPopup();
    await start?.click();
    const field = await (await reopened).waitForSelector(".link input");
    const link = (await field?.evaluate((input) => input.value)) ?? "";
    expect(await variant(link.replace(/player$/, "index.m3u8"))).toContain("RESOLUTION=");
  } finally {
    await person.close();
  }
});
