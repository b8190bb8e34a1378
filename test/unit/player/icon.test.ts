import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the player and the extension have one icon", () => {
  const [player, extension] = ["player/icon.svg", "extension/icons/icon.svg"].map((path) => readFileSync(path, "utf8"));
  expect(player).toBe(extension);
});
