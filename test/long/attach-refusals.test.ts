// Browsers that run already and can't be attached to: each is refused at once, with its own reason. Needs root, for a browser that takes
// another computer's name.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { connectBrowser } from "../../sdk/connect.ts";
import { findBrowser } from "../../sdk/find-browser.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { freePort } from "../fixtures/rtmp/processes.ts";

const SANDBOX = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
/** Playwright's own headless browser is one like it: without extensions. */
const HEADLESS_SHELL = "/usr/bin/chromium-headless-shell";
const executablePath = findBrowser(undefined);

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-refused-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

/** What attaching to a page of such a browser ends with. */
async function refusal(program: string, profile: string): Promise<unknown> {
  const context = await chromium.launchPersistentContext(profile, {
    ...{ executablePath: program, args: SANDBOX, ignoreDefaultArgs: ["--disable-extensions", "--mute-audio"] },
  });
  try {
    const [page = await context.newPage()] = context.pages();
    return await FlyBrowser.attach(page).then(
      () => null,
      (thrown: unknown) => thrown,
    );
  } finally {
    await context.close();
  }
}

test("one without extensions, as the headless shell", async () => {
  expect(await refusal(HEADLESS_SHELL, temporary())).toMatchObject({
    code: "browser_not_attachable",
    message: expect.stringContaining("it doesn't load the extension ("),
  });
});

test("one whose folder another computer uses", async () => {
  const program = join(temporary(), "elsewhere");
  writeFileSync(
    program,
    `#!/bin/sh\nexec unshare --uts sh -c 'hostname elsewhere; exec "$0" "$@"' '${executablePath}' "$@"\n`,
  );
  chmodSync(program, 0o755);
  const profile = temporary();
  expect(await refusal(program, profile)).toMatchObject({
    code: "browser_not_attachable",
    message: expect.stringContaining(`its folder ${profile} isn't in use on this computer`),
    fix: expect.stringContaining("where the browser runs"),
  });
});

test("one in whose folder the host can't be registered", async () => {
  const profile = temporary();
  mkdirSync(profile, { recursive: true });
  writeFileSync(join(profile, "NativeMessagingHosts"), "a file where a folder belongs");
  expect(await refusal(executablePath, profile)).toMatchObject({
    code: "browser_not_attachable",
    message: expect.stringContaining(`can't be registered in ${join(profile, "NativeMessagingHosts")}`),
  });
});

test("an address at which nothing answers", async () => {
  await expect(connectBrowser(`http://127.0.0.1:${await freePort()}`)).rejects.toMatchObject({
    code: "browser_not_attachable",
    message: expect.stringContaining("nothing answers there"),
  });
});
