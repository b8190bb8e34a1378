// docs/security.md names tests: each of them is there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

test("every test that docs/security.md names exists", () => {
  const text = readFileSync(join(ROOT, "docs/security.md"), "utf8");
  const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`((?:,? "[^"]+")+)/g)];
  expect(named.length).toBeGreaterThan(20);
  expect(text.match(/`test\/[\w/.-]+\.test\.ts`/g)).toHaveLength(named.length);
  for (const [, file = "", names = ""] of named) {
    const path = join(ROOT, file);
    expect(existsSync(path), file).toBe(true);
    const source = readFileSync(path, "utf8");
    for (const [, name = ""] of names.matchAll(/"([^"]+)"/g)) expect(source, file).toContain(name);
  }
});
