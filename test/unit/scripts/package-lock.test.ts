// The lock file must fit every system: npm sometimes leaves out the packages of platforms that it could not reach,
// and `npm ci` then fails for everybody.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const ROOT = join(import.meta.dirname, "../../..");
const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as { packages: Record<string, Entry> };

test("every optional dependency of every package is in the lock file", () => {
  const absent = Object.entries(lock.packages).flatMap(([place, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) =>
        !lock.packages[`node_modules/${name}`]?.version && !lock.packages[`${place}/node_modules/${name}`]?.version,
    ),
  );
  expect(absent).toEqual([]);
});

test("no registry's address is in the lock file", () => {
  expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
