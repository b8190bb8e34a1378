// An existing Playwright test with a live link. What is new: how the browser starts, and one line.
// `npx tsx examples/existing-playwright.ts URL`
import { FlyBrowser } from "flybrowser-stream";
import { chromium } from "playwright-core";

const url = process.argv[2] ?? "https://example.com";
const options = await FlyBrowser.launchOptions();
const context = await chromium.launchPersistentContext(options.user_data_dir, options.playwright);
const page = context.pages()[0] ?? (await context.newPage());

console.log(`Watch: ${(await (await FlyBrowser.attach(page)).startStream()).player_url}`); // ← the one line

// The test as it was.
await page.goto(url);
const heading = await page.locator("h1").first().innerText();
if (heading === "") throw new Error("there is no heading");
console.log(`ok: ${heading}`);
await context.close();
