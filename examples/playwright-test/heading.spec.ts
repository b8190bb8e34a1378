// A test as it would be without: `npx playwright test --config examples/playwright-test`. PAGE_URL: the page that it looks at.
import { expect, test } from "./fixtures.ts";

const url = process.env.PAGE_URL ?? "https://example.com";

test("the page has a heading", async ({ page }) => {
  await page.goto(url);
  await expect(page.locator("h1").first()).not.toBeEmpty();
});

test("steps are seen beside the picture", async ({ page, live }) => {
  await live.task("Open the page", () => page.goto(url));
  await live.task("Read the heading", () => page.locator("h1").first().innerText());
  expect(live.tasks.map(({ state }) => state)).toEqual(["running", "done", "done"]);
});
