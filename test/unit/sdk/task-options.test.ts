import { expect, test } from "vitest";
import { parseTaskOptions } from "../../../sdk/task-options.ts";

test("what is left out is off", () => {
  expect(parseTaskOptions({})).toEqual({ private: false, clip: false });
  expect(parseTaskOptions({ private: true, clip: true })).toEqual({ private: true, clip: true });
});

test("options that aren't known, or no boolean, are refused", () => {
  expect(() => parseTaskOptions({ hidden: true } as object)).toThrow("Unknown option hidden");
  expect(() => parseTaskOptions({ private: "yes" } as object)).toThrow("Option private: yes is not allowed");
  expect(() => parseTaskOptions({ clip: "gif" } as object)).toThrow("Option clip: gif is not allowed");
});
