import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { findBrowser, findBrowsers } from "../../../sdk/find-browser.ts";

afterEach(() => vi.unstubAllEnvs());

test.runIf(process.platform === "linux")("Playwright's own Chromium is found, the newest first", () => {
  const cache = mkdtempSync(join(tmpdir(), "flybrowser-browsers-"));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  for (const build of ["chromium-999", "chromium-1200", "chromium_headless_shell-1300", "firefox-1400"]) {
    mkdirSync(join(cache, build, "chrome-linux"), { recursive: true });
    writeFileSync(join(cache, build, "chrome-linux/chrome"), "");
  }
  vi.stubEnv("PLAYWRIGHT_BROWSERS_PATH", cache);
  vi.stubEnv("PATH", "/nonexistent");
  const found = findBrowsers().filter((path) => path.startsWith(cache));
  expect(found).toEqual(["chromium-1200", "chromium-999"].map((build) => join(cache, build, "chrome-linux/chrome")));
});

test("a browser that was named and isn't there is an error that names it", () => {
  expect(() => findBrowser("/nowhere/chrome")).toThrow(
    expect.objectContaining({ code: "browser_not_found", message: expect.stringContaining("/nowhere/chrome") }),
  );
});
