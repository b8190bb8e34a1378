import { expect, test } from "vitest";
import { browserSwitches, parseLaunchOptions } from "../../../sdk/launch-options.ts";

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

test("the caller's switches come last, where Chromium heeds them", () => {
  const switches = browserSwitches(parseLaunchOptions({ args: ["--lang=de"] }), "/ext", "/usr/bin/chromium");
  expect(switches).toContain("--load-extension=/ext");
  expect(switches.at(-1)).toBe("--lang=de");
});
