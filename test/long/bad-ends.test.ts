// A script that throws, is told to end or is killed while it streams leaves nothing. By SIGINT: test/e2e/sdk.test.ts.
import { afterAll, beforeAll, test } from "vitest";
import { leavesNothing } from "../e2e/harness/bad-end.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages.close());

test("throw", () => leavesNothing(pages.url("pattern.html"), null, 1));
test("SIGTERM", () => leavesNothing(pages.url("pattern.html"), "SIGTERM", 143));
test("SIGKILL", () => leavesNothing(pages.url("pattern.html"), "SIGKILL", null));
