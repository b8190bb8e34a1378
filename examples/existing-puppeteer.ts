// An existing Puppeteer script with a live link. What is new: how the browser starts, and one line.
// `npx tsx examples/existing-puppeteer.ts URL`
import { FlyBrowser } from "flybrowser-stream";
import puppeteer from "puppeteer-core";

const url = process.argv[2] ?? "https://example.com";
const browser = await puppeteer.launch((await FlyBrowser.launchOptions()).puppeteer);
const page = (await browser.pages())[0] ?? (await browser.newPage());

console.log(`Watch: ${(await (await FlyBrowser.attach(page)).startStream()).player_url}`); // ← the one line

// The script as it was.
await page.goto(url);
const heading = await page.$eval("h1", (element) => element.textContent);
console.log(`ok: ${heading}`);
await browser.close();
