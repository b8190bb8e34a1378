// The links of README and docs: to files that are there, and to headings that are in them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const pages = ["", "docs", "examples", "findings", "bench"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: folder !== "", encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(ROOT, folder, name)),
);

/** A page without its code, where brackets are no links. */
const prose = (page: string) =>
  readFileSync(page, "utf8").replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, (code) => code.replace(/[[\]()#]/g, " "));

/** A heading as GitHub makes an anchor of it. */
const anchor = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
const anchors = (page: string) =>
  [...readFileSync(page, "utf8").matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) => anchor(heading));

test("there are pages, and they have links", () => {
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.flatMap((page) => [...prose(page).matchAll(/\]\(/g)]).length).toBeGreaterThan(50);
});

test.each(pages.map((page) => [relative(ROOT, page), page] as const))("%s", (_, page) => {
  const dead: string[] = [];
  for (const [, target = ""] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = "", heading] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    const there = existsSync(file) && (heading === undefined || anchors(file).includes(heading));
    if (!there) dead.push(target);
  }
  expect(dead).toEqual([]);
});
