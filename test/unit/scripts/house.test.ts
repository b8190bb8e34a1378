// docs/architecture.md names every file, with the file's own words.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openingSentence, pageWithHouse } from "../../../scripts/house.ts";

test("the house in docs/architecture.md is that of now (else: npm run house)", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/architecture.md"), "utf8");
  expect(pageWithHouse(page)).toBe(page);
});

test("the first sentence of the opening comment is taken", () => {
  expect(
    openingSentence("#!/usr/bin/env node\n// Makes tea, e.g. green,\n// in a pot. Never spills.\nimport x;\n"),
  ).toBe("Makes tea, e.g. green, in a pot.");
  expect(openingSentence("import x;\n")).toBeNull();
});
