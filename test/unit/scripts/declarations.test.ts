import { expect, test } from "vitest";
import { rewrite } from "../../../scripts/declarations.ts";

test("imports name what lies in the package; what is optional may be missing", () => {
  const text = [
    'import type { Page } from "puppeteer-core";',
    'import * as v from "valibot";',
    'import { a } from "../protocol/results.ts";',
    'export type B = import("./launch.ts").B | import("puppeteer-core").C;',
    'import { resolve } from "node:path";',
  ].join("\n");
  expect(rewrite(text, "../vendor").split("\n")).toEqual([
    "// @ts-ignore: optional; without it, pages are of any type",
    'import type { Page } from "puppeteer-core";',
    'import * as v from "../vendor/valibot.js";',
    'import { a } from "../protocol/results.js";',
    "// @ts-ignore: optional; without it, pages are of any type",
    'export type B = import("./launch.js").B | import("puppeteer-core").C;',
    'import { resolve } from "node:path";',
  ]);
});
