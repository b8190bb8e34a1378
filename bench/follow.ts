// `npm run follow`: what viewers of a stream that follows (`follow: "active"`) miss where the program goes to another tab: how long no picture is
// a new one, and how long it takes from the last picture of the tab before until the new one is heard. By what LL-HLS has listed.
import type { Page } from "puppeteer-core";
import { FlyBrowser } from "../sdk/index.ts";
import { heardBy, serveColours, shownBy, untilSeen } from "../test/e2e/harness/tabs.ts";
import { percentile } from "./statistics.ts";

/** Streams, each of which goes three tabs deep and back. */
const ROUNDS = 6;
const DEEPER = ["green", "blue", "yellow"] as const;
const BACK = ["blue", "green", "red"] as const;

const site = await serveColours();
/** s, of tabs that were opened, and of those that were closed. */
const gaps: Record<"opened" | "closed", number[]> = { opened: [], closed: [] };
const sounds: number[] = [];

async function round(): Promise<void> {
  await using live = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await live.goto(site.url("/red"));
  const started = await live.startStream({ quality: "medium", follow: "active", mask: ["#marker"] });
  const hls = started.hls_url ?? "";
  await untilSeen(started, "red");
  const opened: Page[] = [live.page];
  for (const name of DEEPER) {
    const from = opened.at(-1) as Page;
    const next = new Promise<Page | null>((resolve) => void from.once("popup", resolve));
    await from.evaluate((url) => void window.open(url), site.url(`/${name}`));
    opened.push((await next) as Page);
    await untilSeen(started, name);
  }
  for (const name of BACK) {
    await opened.pop()?.close();
    await untilSeen(started, name);
  }
  const [all, heard] = await Promise.all([shownBy(hls), heardBy(hls)]);
  const shown = all.filter(({ colour }) => colour !== null); // a page may be blank for a moment before it is painted
  const pages = shown.filter(({ colour }, index) => colour !== shown[index - 1]?.colour);
  const names = pages.map(({ colour }) => colour).join(" ");
  if (names !== ["red", ...DEEPER, ...BACK].join(" ")) throw new Error(`shown were ${names}`);
  for (const [index, page] of pages.entries()) {
    // The last picture of the page before; of a page there may be several stretches, where its size has changed.
    const before = shown[shown.indexOf(page) - 1];
    if (!before) continue;
    const opened = index <= DEEPER.length;
    gaps[opened ? "opened" : "closed"].push(page.from - before.to);
    if (opened && page.colour) sounds.push((heard.get(page.colour)?.from ?? Number.POSITIVE_INFINITY) - before.to);
  }
}

try {
  for (let count = 0; count < ROUNDS; count++) await round();
} finally {
  await site.close();
}
for (const [what, values] of Object.entries({
  "opened, no new picture": gaps.opened,
  "closed, no new picture": gaps.closed,
  "opened, heard after": sounds,
})) {
  const figure = (share: number) => `${percentile(values, share).toFixed(2)} s`;
  console.log(`${what}: median ${figure(0.5)}, worst ${figure(1)}, of ${values.length}`);
}
