import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type BROWSER_NAMES,
  browserPlaces,
  browsersInUse,
  manifestPaths,
  registryKey,
} from "../../../cli/browser-paths.ts";
import type { System } from "../../../protocol/node/data-directory.ts";

const FILE = "NativeMessagingHosts/com.flybrowser.stream.json";
let home: string;
let linux: System;
const usual = (name: (typeof BROWSER_NAMES)[number], system: System) => {
  const [place] = browserPlaces(name, system);
  return place ? manifestPaths(place, system).map((path) => path.replace(`${system.home}/`, "")) : [];
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "places-"));
  linux = { platform: "linux", env: {}, home };
});
afterEach(() => rmSync(home, { recursive: true }));

test("manifests lie where each browser looks", () => {
  expect(usual("chrome", linux)).toEqual([`.config/google-chrome/${FILE}`]);
  expect(usual("chrome-dev", linux)).toEqual([`.config/google-chrome-unstable/${FILE}`]);
  expect(usual("brave", linux)).toEqual([`.config/BraveSoftware/Brave-Browser/${FILE}`]);
  expect(usual("vivaldi", linux)).toEqual([`.config/vivaldi/${FILE}`]);
  expect(usual("opera", linux)).toEqual([`.config/opera/${FILE}`, `.config/google-chrome/${FILE}`]);
  const mac: System = { platform: "darwin", env: {}, home };
  expect(usual("edge", mac)).toEqual([`Library/Application Support/Microsoft Edge/${FILE}`]);
  expect(usual("opera", mac)[0]).toBe(`Library/Application Support/com.operasoftware.Opera/${FILE}`);
  expect(registryKey("chrome")).toBe("HKCU\\Software\\Google\\Chrome\\NativeMessagingHosts\\com.flybrowser.stream");
  expect(registryKey("edge-beta")).toContain("\\Microsoft\\Edge\\");
});

test("Flatpaks and snaps have folders of their own, on Linux alone", () => {
  const [, flatpak, snap] = browserPlaces("chromium", linux);
  expect(flatpak).toMatchObject({
    kind: "flatpak",
    app: "org.chromium.Chromium",
    folder: join(home, ".var/app/org.chromium.Chromium/config/chromium"),
  });
  expect(snap).toMatchObject({ kind: "snap", folder: join(home, "snap/chromium/common/chromium") });
  expect(browserPlaces("chromium", { ...linux, platform: "darwin" })).toHaveLength(1);
});

test("browsers in use are those with settings, in whatever form, two at once", () => {
  mkdirSync(join(home, ".config/chromium"), { recursive: true });
  mkdirSync(join(home, ".config/google-chrome-beta"), { recursive: true });
  mkdirSync(join(home, ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"), { recursive: true });
  const found = browsersInUse(linux).map(({ browser, kind }) => [browser, kind]);
  expect(found).toEqual([
    ["chrome-beta", "usual"],
    ["chromium", "usual"],
    ["brave", "flatpak"],
  ]);
});

test("and those that are installed and were never started; a script that runs a snap is none", () => {
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "chromium"), "#!/bin/sh\n");
  chmodSync(join(bin, "chromium"), 0o755);
  const system = { ...linux, env: { PATH: bin } };
  expect(browsersInUse(system)).toMatchObject([{ browser: "chromium", kind: "usual" }]);
  expect(browsersInUse(system, { isSnap: () => true })).toEqual([]);
});
