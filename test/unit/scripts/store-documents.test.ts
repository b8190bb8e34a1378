// What the stores are told fits the extension.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../../manifest.json" with { type: "json" };
import { PAGES_DE } from "../../../protocol/sentences/pages-de.ts";
import { PAGES_EN } from "../../../protocol/sentences/pages-en.ts";
import { storeManifest } from "../../../scripts/package/extension-zip.ts";

const ROOT = join(import.meta.dirname, "../../..");
const document = (name: string) => readFileSync(join(ROOT, "docs/store", name), "utf8");

test("each permission has its reason, and none is explained that isn't asked for", () => {
  const explained = [...document("permissions.md").matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(explained.sort()).toEqual([...manifest.permissions].sort());
});

test("the summary is as short as the stores want it, in each language", () => {
  const [, summary = ""] = /\*\*Summary\*\*[^:]*: (.*)/.exec(document("description.md")) ?? [];
  for (const text of [summary, PAGES_EN["manifest.description"], PAGES_DE["manifest.description"]]) {
    expect(text.length).toBeGreaterThan(20);
    expect(text.length).toBeLessThanOrEqual(132);
  }
});

test("the stores get a manifest without a key, otherwise the same", () => {
  const { key, ...rest } = manifest;
  expect(key.length).toBeGreaterThan(100);
  expect(JSON.parse(storeManifest(JSON.stringify(manifest)))).toEqual(rest);
});
