// A script that throws, is told to end or is killed while it streams leaves nothing. The command by Ctrl-C: test/e2e/command.test.ts.
import { afterAll, beforeAll, test } from "vitest";
import { leavesNothing } from "../e2e/harness/bad-end.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages.close());

test("throw", () => leavesNothing(pages.url("pattern.html"), null, 1));
test("SIGINT", () => leavesNothing(pages.url("pattern.html"), "SIGINT", 130));
test("SIGTERM", () => leavesNothing(pages.url("pattern.html"), "SIGTERM", 143));
test("SIGKILL", () => leavesNothing(pages.url("pattern.html"), "SIGKILL", null));
