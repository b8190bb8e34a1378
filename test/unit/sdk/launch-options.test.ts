import { expect, test } from "vitest";
import { assertLaunchNames, assertPage, browserSwitches, parseLaunchOptions } from "../../../sdk/launch-options.ts";

test("defaults", () => {
  expect(parseLaunchOptions()).toMatchObject({ headless: true, viewport: { width: 1280, height: 720 }, args: [] });
});

test.each([
  [{ headles: true }, "unknown_option", "headles"],
  [{ viewport: { width: 1 } }, "invalid_option", "viewport"],
  [{ args: "--x" }, "invalid_option", "args"],
])("%o is refused", (options, code, name) => {
  expect(() => parseLaunchOptions(options)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(name) }),
  );
});

test("a name that launch doesn't know is answered with those of attach, too", () => {
  expect(() => assertLaunchNames({ agnet: () => "done" })).toThrow(
    /Unknown option agnet\. Known options: headless, .*agent/,
  );
});

test.each([
  [undefined, "leaving it out"],
  [{ pages: () => [] }, "Object"],
  [[{}], "Array"],
  ["https://example.com", "String"],
])("%o is no page", (page, value) => {
  const message = `Option page: ${value} is not allowed. Allowed: a page of Puppeteer or Playwright.`;
  expect(() => assertPage(page)).toThrow(expect.objectContaining({ code: "invalid_option", message }));
});

test.each<object>([
  { isClosed: () => false, createCDPSession: async () => ({}) },
  { isClosed: () => false, context: () => ({}) },
])("what a page of either library has is enough: %o", (page) => expect(() => assertPage(page)).not.toThrow());

test("the caller's switches come last, where Chromium heeds them", () => {
  const switches = browserSwitches(parseLaunchOptions({ args: ["--lang=de"] }), "/ext", "/usr/bin/chromium");
  expect(switches).toContain("--load-extension=/ext");
  expect(switches.at(-1)).toBe("--lang=de");
});

test("the screen is as large as the viewport, where there is no real one", () => {
  const viewport = { width: 900, height: 700 };
  expect(browserSwitches(parseLaunchOptions({ viewport }), "/ext", "/usr/bin/chromium")).toContain(
    "--screen-info={900x700}",
  );
  const headed = browserSwitches(parseLaunchOptions({ viewport, headless: false }), "/ext", "/usr/bin/chromium");
  expect(headed.filter((each) => each.startsWith("--screen-info"))).toEqual([]);
});

test("the screen's px are as many as the viewport's factor says", () => {
  const viewport = { width: 393, height: 851, device_scale_factor: 2.75 };
  const switches = browserSwitches(parseLaunchOptions({ viewport }), "/ext", "/usr/bin/chromium");
  expect(switches).toEqual(
    expect.arrayContaining(["--force-device-scale-factor=2.75", "--screen-info={1081x2340}", "--window-size=393,938"]),
  );
  expect(() => parseLaunchOptions({ viewport: { ...viewport, device_scale_factor: 0.5 } })).toThrow(
    /device_scale_factor/,
  );
});
