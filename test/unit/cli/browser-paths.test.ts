import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { browsersInUse, manifestPath, registryKey } from "../../../cli/browser-paths.ts";
import type { System } from "../../../protocol/node/data-directory.ts";

const linux: System = { platform: "linux", env: {}, home: "/home/u" };
const mac: System = { platform: "darwin", env: {}, home: "/Users/u" };

test("manifests lie where each browser looks", () => {
  const file = "NativeMessagingHosts/com.flybrowser.stream.json";
  expect(manifestPath("chrome", linux)).toBe(`/home/u/.config/google-chrome/${file}`);
  expect(manifestPath("brave", linux)).toBe(`/home/u/.config/BraveSoftware/Brave-Browser/${file}`);
  expect(manifestPath("edge", mac)).toBe(`/Users/u/Library/Application Support/Microsoft Edge/${file}`);
  expect(registryKey("chrome")).toBe("HKCU\\Software\\Google\\Chrome\\NativeMessagingHosts\\com.flybrowser.stream");
});

test("browsers in use are those with settings", () => {
  const home = mkdtempSync(join(tmpdir(), "places-"));
  try {
    mkdirSync(join(home, ".config/chromium"), { recursive: true });
    expect(browsersInUse({ platform: "linux", env: {}, home })).toEqual(["chromium"]);
  } finally {
    rmSync(home, { recursive: true });
  }
});
