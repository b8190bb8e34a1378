// What a page does with what is masked (test/fixtures/pages/mask.html), and whether viewers saw any of it.
import { expect } from "vitest";
import type { Pages } from "./pages.ts";
import { picturesOf, stretches } from "./secret.ts";

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

/** As much of a page as both libraries have. */
export interface TestedPage {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
}

/** Does all that pages do with what is masked, then shows something magenta that isn't. */
export async function actMasked(page: TestedPage, pages: Pages): Promise<void> {
  const call = (script: string) => page.evaluate(script);
  const other = pages.url("mask.html").replace("127.0.0.1", "localhost");
  for (let count = 0; count < 6; count++) await call(`add(${count})`);
  await call("toggle()");
  await call("reset()");
  for (const url of [pages.url("mask.html"), other]) await call(`frame(${JSON.stringify(url)})`);
  await seconds(0.7);
  await call("document.querySelector('input').select()");
  await seconds(0.3);
  await page.goto(`${other}?again`); // another process
  await call("toggle()");
  await seconds(0.5);
  await call("show()");
  await seconds(0.5);
}

/** Nothing magenta before the one that may be seen. */
export async function expectMasked(hls: string | null): Promise<void> {
  const shown = await picturesOf(new URL("video.m3u8", hls ?? "").href, 60, ["-live_start_index", "0"]);
  const story = stretches(shown)
    .map(({ shown, count }) => `${count} ${shown}`)
    .join(", ");
  const first = shown.indexOf("secret");
  expect(first, story).toBeGreaterThan(30);
  expect(stretches(shown.slice(first)), story).toHaveLength(1);
  expect(shown.length - first, story).toBeLessThan(40);
}
