// The Dockerfile's form, and what it promises.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../../packaging/docker");
const text = readFileSync(join(folder, "Dockerfile"), "utf8");

test("nothing is wrong with it", () => {
  expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

test("what runs isn't root, and isn't told to do without Chromium's sandbox", () => {
  const steps = DockerfileParser.parse(text).getInstructions();
  const users = steps.filter((step) => step.getKeyword() === "USER").map((step) => step.getArgumentsContent());
  expect(users).toEqual(["flybrowser"]);
  const compose = readFileSync(join(folder, "compose.yaml"), "utf8");
  for (const each of [text, compose]) expect(each).not.toMatch(/no-sandbox|privileged: true|SYS_ADMIN|--privileged/);
});
