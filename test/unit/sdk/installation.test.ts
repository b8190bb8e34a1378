// What the SDK says when something it needs isn't there: the build, or the driver of the browser.
import { existsSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";
import { builtPath } from "../../../sdk/installation.ts";
import { startBrowser } from "../../../sdk/launch.ts";

vi.mock("node:fs", async (original) => ({ ...(await original<typeof import("node:fs")>()), existsSync: vi.fn() }));
vi.mock("../../../sdk/profile.ts", () => ({ createProfile: async () => "/nowhere/profile", removeProfile: vi.fn() }));
vi.mock("puppeteer-core", () => {
  throw new Error("Cannot find package 'puppeteer-core'");
});

let built = false;
beforeEach(async () => {
  const actual = await vi.importActual<typeof import("node:fs")>("node:fs");
  vi.mocked(existsSync).mockImplementation((path) =>
    /[\\/]dist\b/.test(String(path)) ? built : actual.existsSync(path),
  );
});

it("says not_built with the path that is missing, and how to build", () => {
  built = false;
  expect(() => builtPath("extension")).toThrow(
    expect.objectContaining({
      code: "not_built",
      message: expect.stringMatching(/dist.extension is missing/),
      fix: expect.stringContaining("npm run build"),
    }),
  );
});

it("says package_missing with the package to install", async () => {
  built = true;
  await expect(startBrowser({ executable_path: process.execPath })).rejects.toMatchObject({
    code: "package_missing",
    message: "The npm package puppeteer-core is not installed.",
    fix: "Run `npm install puppeteer-core`.",
  });
});
